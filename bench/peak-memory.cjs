process.on('exit', () => process.stderr.write(`\npeak-memory ${process.resourceUsage().maxRSS}\n`));
