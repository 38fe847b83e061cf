import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as after } from 'node:timers/promises';
import { expect } from 'chai';
import { type GulpResult, gulp, startGulp, workFolder } from '../helpers/gulp';
import { leftovers } from '../helpers/leftovers';
import { storedArtifacts } from '../helpers/store';
import { digestOf, sufficient, wholeSource } from '../unit/kernel/support';

/** A small source that passes for a kernel with all the image needs. */
describe('the tasks of a kernel from source', () => {
  const work = workFolder();
  const cache = (): string => work.path('cache');
  let source: { directory: string; yaml: string };

  before(async () => {
    source = await wholeSource(work.path());
    writeFileSync(work.path('dock0.yaml'), source.yaml);
  });
  const options = (): { cwd: string; env: Record<string, string> } => ({
    cwd: work.path(),
    env: { DOCK0_CACHE: cache() },
  });
  const run = (...args: string[]): Promise<GulpResult> => gulp(args, options());
  const recipe = (text: string): void => writeFileSync(join(source.directory, 'init/main.sh'), text);
  /** The digest of the only kernel in the cache. */
  const kernelDigest = (): string => {
    const entries = storedArtifacts(cache(), 'kernel');
    expect(entries).to.have.length(1);
    return digestOf(entries[0] as string);
  };

  describe('kernel:check', () => {
    const config = (without: string[]): string => {
      const lines = sufficient().filter((line) => !without.includes(line));
      writeFileSync(work.path('a.config'), lines.map((line) => `CONFIG_${line}\n`).join(''));
      return 'a.config';
    };

    it('of a .config shows the table, and fails when something necessary is missing', async () => {
      const whole = await run('kernel:check', '--kconfig', config([]));
      expect(whole.code, whole.output).to.equal(0);
      expect(whole.output)
        .to.contain('a.config\n')
        .and.match(/necessary: \d+ there, 0 missing/);
      const lacking = await run('kernel:check', '--kconfig', config(['SQUASHFS=y']));
      expect(lacking.code).to.equal(1);
      expect(lacking.output)
        .to.match(/SQUASHFS .*necessary {2}MISSING/)
        .and.contain('a.config lacks what the image needs:\n  CONFIG_SQUASHFS: ');
    });

    it('names an option that the source does not have', async () => {
      const { code, output } = await run('kernel:check', '--set', 'kernel.options.SQUASHSF=n');
      expect(code, output).to.equal(1);
      expect(output).to.contain(
        "kernel.options.SQUASHSF: CONFIG_SQUASHSF=n can't be set (it is n): this source does not know the symbol",
      );
    });

    it('of the running kernel reads its configuration, or says where it looked for one', async () => {
      const { code, output } = await run('kernel:check', '--kconfig', 'running');
      if (/configuration of the running kernel .* is unavailable/.test(output)) {
        expect(code).to.equal(1);
        expect(output).to.contain('None of these exists: /proc/config.gz, /boot/config-');
      } else {
        expect(code).to.equal(/the running kernel lacks/.test(output) ? 1 : 0);
        expect(output)
          .to.match(/the running kernel\n/)
          .and.match(/necessary: \d+ there, \d+ missing/);
      }
    });

    it('of the configured kernel reads its configuration, and compiles nothing', async () => {
      rmSync(cache(), { recursive: true, force: true });
      const { code, output } = await run('kernel:check');
      expect(code, output).to.equal(0);
      expect(output)
        .to.match(/the configured kernel\n/)
        .and.match(/necessary: \d+ there, 0 missing/);
      expect(storedArtifacts(cache(), 'kernel')).to.deep.equal([]);
    });
  });

  it('say where the whole output of a failed compiler is', async () => {
    recipe('echo "$SRC/main.c:1: error: no" >&2; exit 1\n');
    const { code, output } = await run('kernel');
    expect(code).to.equal(1);
    const said = join(source.directory, 'main.c:1: error: no');
    expect(output).to.contain("the kernel can't be compiled").and.contain(said);
    const log = /The whole output: (.+)/.exec(output)?.[1] as string;
    expect(readFileSync(log, 'utf8')).to.contain(said);
  });

  it('build where source and cache lie in the folder that make does not see', async () => {
    recipe('touch "$CCACHE_DIR/kept"; echo right > init/main.o\n');
    const script =
      'mount -t tmpfs tmpfs /boot && cp -a "$1" /boot/source && shift && "$@" && ls /boot/cache/ccache';
    const args = ['--cache', '/boot/cache', '--set', 'kernel.source.directory=/boot/source'];
    const { code, output } = await gulp(['kernel', ...args], {
      cwd: work.path(),
      through: ['unshare', '--mount', '--', 'sh', '-c', script, 'sh', source.directory],
    });
    expect(code, output).to.equal(0);
    expect(output)
      .to.match(/^kernel +done in /m)
      .and.match(/^kept$/m);
  });

  it('end at Ctrl-C in the middle of make, leave nothing, and make the same bytes the next time', async () => {
    const right = 'echo right > init/main.o\n';
    recipe(`test -e '${work.path('go')}' || { touch '${work.path('busy')}'; sleep 300; }; ${right}`);
    writeFileSync(work.path('go'), '');
    expect((await run('kernel')).code).to.equal(0);
    const whole = kernelDigest();
    for (const path of ['go', 'cache']) rmSync(work.path(path), { recursive: true });
    const { child, result } = startGulp(['kernel'], options());
    while (!existsSync(work.path('busy'))) await after(50);
    process.kill(-(child.pid as number), 'SIGINT');
    const { signal, output } = await result;
    expect(signal, output).to.equal('SIGINT');
    expect(output).to.contain('Interrupted; nothing half-made is kept.');
    expect(await leftovers(work.path(), cache())).to.deep.equal([]);
    expect(storedArtifacts(cache(), 'kernel')).to.deep.equal([]);
    writeFileSync(work.path('go'), '');
    const next = await run('kernel');
    expect(next.code, next.output).to.equal(0);
    expect(next.output).to.contain('resuming an interrupted build');
    expect(kernelDigest()).to.equal(whole);
  });
});
