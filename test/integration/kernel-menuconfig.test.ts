import type { ChildProcess } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as after } from 'node:timers/promises';
import { expect } from 'chai';
import { type GulpResult, gulp, startGulp, workFolder } from '../helpers/gulp';
import { leftovers } from '../helpers/leftovers';
import { wholeSource } from '../unit/kernel/support';

/** On a small source whose menuconfig turns NET off and STP on, on a terminal of its own (script(1)). */
describe('gulp kernel:menuconfig', () => {
  const work = workFolder();
  const cache = (): string => work.path('cache');
  let source: { directory: string; yaml: string };

  before(async () => {
    source = await wholeSource(work.path());
    writeFileSync(work.path('dock0.yaml'), source.yaml);
  });
  const env = (): Record<string, string> => ({ DOCK0_CACHE: cache() });
  const start = (...args: string[]): Started => watched(startGulp(args, { cwd: work.path(), env: env() }));
  const onTerminal = (...args: string[]): Started => {
    const through = ['sh', '-c', ON_TERMINAL, 'sh'];
    return watched(startGulp(['kernel:menuconfig', ...args], { cwd: work.path(), env: env(), through }));
  };

  it('saves what was changed, keeps what the file had, and says what has no effect', async () => {
    writeFileSync(work.path('mine.config'), '# mine\nCONFIG_BRIDGE=y\n');
    const { code, output } = await onTerminal('--kconfig', 'mine.config', '--set', 'kernel.options.NET=y')
      .result;
    expect(code, output).to.equal(0);
    expect(readFileSync(work.path('mine.config'), 'utf8')).to.equal(
      '# mine\nCONFIG_BRIDGE=y\n# CONFIG_NET is not set\nCONFIG_STP=y\n',
    );
    expect(output)
      .to.contain('2 changes saved in mine.config; list it last in kernel.fragments')
      .and.contain('without effect: CONFIG_NET is y by kernel.options.NET; change it there')
      .and.not.contain('CONFIG_STP is');
    expect(await leftovers(work.path(), cache())).to.deep.equal([]);
  });

  it('saves in kernel.config of the working directory, where nothing else is said', async () => {
    expect((await onTerminal().result).code).to.equal(0);
    expect(existsSync(work.path('kernel.config'))).to.equal(true);
  });

  it('is refused without a terminal, and for a kernel that is not built from source', async () => {
    const refused = async (...args: string[]): Promise<GulpResult> =>
      gulp(['kernel:menuconfig', ...args], { cwd: work.path(), env: env() });
    expect((await refused()).output).to.contain('menuconfig needs a terminal');
    const { code, output } = await refused('--set', 'kernel.provider=package');
    expect(code).to.equal(1);
    expect(output).to.contain('only a kernel that is built from source can be configured');
  });

  it('keeps a build of the same source and gulp gc waiting while it is open, and both say so', async () => {
    const makefile = join(source.directory, 'Makefile');
    const text = readFileSync(makefile, 'utf8');
    const [opened, closed] = [work.path('opened'), work.path('closed')];
    writeFileSync(
      makefile,
      text.replace(
        'menuconfig:\n',
        `menuconfig:\n\t@touch '${opened}'; while ! test -e '${closed}'; do sleep 0.1; done\n`,
      ),
    );
    const open = onTerminal('--kconfig', 'open.config');
    try {
      await until(() => existsSync(opened));
      const check = start('kernel:check');
      const build = start('kernel');
      const gc = start('gc');
      await until(() => build.output().includes('waiting for another build or menuconfig'));
      await until(() => check.output().includes('waiting for another build or menuconfig'));
      await until(() => gc.output().includes('waiting for a build to end'));
      writeFileSync(closed, '');
      expect((await open.result).code).to.equal(0);
      expect((await check.result).code).to.equal(0);
      expect((await build.result).code).to.equal(0);
      expect((await gc.result).code).to.equal(0);
    } finally {
      writeFileSync(makefile, text);
      open.child.kill('SIGTERM');
    }
  });
});

/** Runs a command on a terminal of its own; none of its words has a quote. */
const ON_TERMINAL =
  'words=; for word; do words="$words \'$word\'"; done; exec script --quiet --return --command "$words" /dev/null';

interface Started {
  child: ChildProcess;
  result: Promise<GulpResult>;
  /** What it printed so far. */
  output: () => string;
}

function watched({ child, result }: Omit<Started, 'output'>): Started {
  let text = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on('data', (data: Buffer) => {
      text += data.toString();
    });
  }
  return { child, result, output: () => text };
}

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await after(50);
}
