import { readdirSync, rmSync } from 'node:fs';
import { expect } from 'chai';
import { run } from '../../lib/system/process';
import { workFolder } from '../helpers/gulp';
import { commandLines } from '../helpers/processes';
import { tinyHost } from '../helpers/tiny-host';

describe('a secret', () => {
  const work = workFolder();
  const host = tinyHost(() => work.path());
  const content = async (): Promise<string> => {
    const layer = host.path('build/tiny/current/layers/30-custom.squashfs');
    return (await run('unsquashfs', ['-cat', layer, 'etc/token'])).stdout;
  };

  beforeEach(() => {
    for (const name of readdirSync(work.path())) rmSync(work.path(name), { recursive: true });
  });

  it('stays out of logs, records, manifests, errors, what it prints and the list of processes', async () => {
    const secret = 'correct-horse-battery';
    const reference = '$'.concat('{secret:TOKEN}');
    host.write('token', `${secret}\n`, 0o600);
    host.write('t/etc/token.ejs', '<%= vars.token %>\n');
    host.write(
      's/10-say',
      '#!/bin/sh\necho "it is $(grep -o correct[a-z-]* "$DOCK0_CONFIG")"\ntest ! -e "$DOCK0_ROOT/etc/fail" || exit 3\n',
      0o755,
    );
    const keys = {
      templates: './t',
      scripts: './s',
      vars: { token: reference },
      secrets: { TOKEN: './token' },
    };
    host.configure(keys);
    const printed: string[] = [];
    const seen: string[] = [];
    const watch = setInterval(() => seen.push(...commandLines().filter((line) => line.includes(secret))), 20);
    try {
      const first = await host.task(['install', '--verbose', '--explain']);
      expect(first.code, first.output).to.equal(0);
      expect(await content()).to.equal(secret);
      host.write('t/etc/fail', '');
      const second = await host.task(['install', '--verbose', '--explain']);
      expect(second.code, second.output).to.equal(1);
      host.write('t/etc/fail.ejs', '<% throw new Error(vars.token) %>');
      rmSync(host.path('t/etc/fail'));
      const third = await host.task(['install', '--explain']);
      expect(third.code, third.output).to.equal(1);
      printed.push(first.output, second.output, third.output);
    } finally {
      clearInterval(watch);
    }
    for (const output of printed) expect(output).to.not.contain(secret);
    expect(printed[1]).to.contain(`it is ${reference}`);
    expect(seen).to.deep.equal([]);
    const { stdout } = await run('grep', ['-rlaF', '--', secret, host.path()], { okCodes: [0, 1] });
    const inImage = /\/files\/layer\/etc\/token$|\.squashfs$/;
    expect(stdout.split('\n').filter((file) => file !== '' && !inImage.test(file))).to.deep.equal([
      host.path('token'),
    ]);
  });

  it('is another one when it changes, and is refused where others can read it, or in a command line', async () => {
    const reference = '$'.concat('{secret:TOKEN}');
    host.write('t/etc/token.ejs', '<%= vars.token %>\n');
    host.configure({ templates: './t', vars: { token: reference } });
    for (const token of ['first-of-two', 'other-of-two']) {
      const { code, output } = await host.task(['install'], { env: { TOKEN: token } });
      expect(code, output).to.equal(0);
      expect(await content()).to.equal(token);
    }
    const problem = async (keys: object, env: Record<string, string> = {}): Promise<string> => {
      host.configure({ vars: { token: reference }, ...keys });
      const { code, output } = await host.task(['install'], { env });
      expect(code, output).to.equal(1);
      return output;
    };
    expect(await problem({})).to.match(
      /dock0\.yaml:1:\d+: vars\.token: .*TOKEN is not set in the environment/,
    );
    expect(await problem({}, { TOKEN: 'short' })).to.contain('TOKEN is shorter than 8 characters');
    const TOKEN = 'long-enough-for-all';
    const wrong = await problem({ timezone: reference }, { TOKEN });
    expect(wrong).to.contain(`found "${reference}"`).and.not.contain(TOKEN);
    // What fails after the configuration is loaded, and before there is anything that runs.
    host.write(`build/${TOKEN}`, '');
    const refused = await problem({ name: reference }, { TOKEN });
    expect(refused).to.contain(reference).and.not.contain(TOKEN);
    host.write('token', 'long-enough-for-all\n', 0o644);
    expect(await problem({ secrets: { TOKEN: './token' } })).to.contain('`chmod 600 token` makes it private');
    const inCommand = { commands: { chroot: [['tool', '--token', reference]] } };
    expect(await problem(inCommand, { TOKEN: 'long-enough-for-all' })).to.match(
      /commands\.chroot\.0\.2: .*a command line would expose the secret/,
    );
  });
});
