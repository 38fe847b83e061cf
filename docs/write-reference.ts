import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type FlagDescription, flagDescriptions } from '../lib/config/flags';
import { reference } from '../lib/config/reference';
import { distributions } from '../lib/distributions';

/** Where the reference is. */
export const REFERENCE = join(__dirname, 'reference.md');

/** The reference of all flags and keys, as the code has them now. */
export function referencePage(): string {
  return `# Reference

\`npm run docs\` writes this file from the code.

## Flags

\`npx gulp <task...> [flags]\`; a value follows its flag as the next word or after \`=\`.

${flagTable()}

## Configuration

A key with dots is a key in nested maps: \`fs.size\` is \`fs: {size: 4G}\`. \`*\` is a name of your own, or each item of a list.

${reference({ distribution: ['auto', ...Object.keys(distributions)] })}`;
}

function flagTable(): string {
  const rows = Object.entries<FlagDescription>(flagDescriptions).map(
    ([name, { value, description, repeatable }]) =>
      `| \`${name}${value === undefined ? '' : ` ${value}`}\`${repeatable ? ', repeatable' : ''} | ${description} |`,
  );
  return ['| flag | meaning |', '| --- | --- |', ...rows].join('\n');
}

if (require.main === module) writeFileSync(REFERENCE, referencePage());
