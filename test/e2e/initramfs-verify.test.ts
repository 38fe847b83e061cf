import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { expect } from 'chai';
import { type VerifyOptions, verifyRelease } from '../../lib/vm/verify';
import { loadConfig } from '../helpers/config';
import { PROJECT } from '../helpers/gulp';
import { makeInitramfs, tinyBase, tinyRelease } from '../helpers/initramfs-machine';
import { leftovers } from '../helpers/leftovers';

describe('verify', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'dock0-verify-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const options = (release: string, set: string[] = []): Omit<VerifyOptions, 'signal' | 'log'> => ({
    release,
    config: loadConfig({
      files: [join(folder, 'dock0.yaml')],
      cwd: folder,
      set: ['install.label=tiny', ...set],
    }).base,
    via: 'direct',
    memory: '512M',
    cache: join(folder, 'cache'),
  });
  const failure = (given: Omit<VerifyOptions, 'signal' | 'log'>): Promise<string> =>
    verifyRelease({ ...given, signal: new AbortController().signal, log: () => undefined }).then(
      () => 'nothing failed',
      (error: Error) => error.message,
    );
  const reportIn = (release: string) => JSON.parse(readFileSync(join(release, 'verify.json'), 'utf8'));

  it('names the missing checks and shows the console when the root does not start', async () => {
    const made = await makeInitramfs(folder, {});
    const release = await tinyRelease(folder, made, 'quiet dock0.root=LABEL=tiny dock0.release=current', {
      '10-root': tinyBase(),
    });
    const message = await failure(options(release));
    expect(message).to.match(
      /^release r1 failed verification:\n {2}- the machine turned off before the checks were done\n/,
    );
    expect(message).to.contain('  - the root is stacked squashfs: not checked\n');
    expect(message).to.match(
      /The last lines of the console:\n(.*\n)* {4}dock0: \[[0-9.]+\] root mounted: release r1, 1 layers/,
    );
    const report = reportIn(release);
    expect(report).to.include({ release: 'r1', passed: false });
    expect(report.boots[0].milestones).to.have.keys('kernel', 'init', 'root mounted');
    expect(report.boots[0].milestones.init).to.be.greaterThan(report.boots[0].milestones.kernel);
    expect(readdirSync(release).sort()).to.deep.equal([
      'cmdline',
      'initramfs.img',
      'layers',
      'verify.json',
      'vmlinuz',
    ]);
    expect(await leftovers(folder, join(folder, 'cache'))).to.deep.equal([]);
  });

  it('stops as soon as the initramfs gives up, and says why', async () => {
    const made = await makeInitramfs(folder, {});
    const release = await tinyRelease(folder, made, 'quiet dock0.root=LABEL=other dock0.timeout=1', {
      '10-root': tinyBase(),
    });
    const message = await failure(options(release));
    expect(message).to.contain(
      '- the initramfs: no disk matches LABEL=other (dock0.root, the disk with the releases); waited 1 s\n',
    );
    expect(message).to.contain('/dev/vda');
  });

  it('gives up after verify.timeout seconds', async () => {
    const made = await makeInitramfs(folder, {});
    const release = await tinyRelease(folder, made, 'quiet dock0.root=LABEL=other dock0.timeout=600', {
      '10-root': tinyBase(),
    });
    expect(await failure(options(release, ['verify.timeout=3']))).to.contain(
      '- timed out after 3 s (verify.timeout)\n',
    );
  });

  it('refuses a folder that is not a release', async () => {
    await makeInitramfs(folder, {});
    expect(await failure(options(join(folder, 'nowhere')))).to.match(
      /nowhere is not a release: it has no vmlinuz$/,
    );
  });

  it('leaves no machine and no file behind when it is killed', async () => {
    const made = await makeInitramfs(folder, {});
    const release = await tinyRelease(folder, made, 'quiet dock0.root=LABEL=other dock0.timeout=600', {
      '10-root': tinyBase(),
    });
    const script = `
      const { verifyRelease } = require(${JSON.stringify(join(PROJECT, 'lib/vm/verify.ts'))});
      const options = ${JSON.stringify(options(release))};
      verifyRelease({ ...options, signal: new AbortController().signal, log: () => {} });
    `;
    const child = spawn(process.execPath, ['-r', 'sucrase/register/ts', '-e', script], {
      cwd: PROJECT,
      stdio: 'ignore',
    });
    const ended = new Promise((resolve) => child.once('close', resolve));
    while (!processes().some((words) => words.includes('qemu-system') && words.includes('disk.img')))
      await pause(100);
    child.kill('SIGKILL');
    await ended;
    expect(await leftovers(folder, join(folder, 'cache'))).to.deep.equal([]);
  });

  /** The command lines that name the folder, now. */
  function processes(): string[] {
    return readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .flatMap((pid) => {
        try {
          return [readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ')];
        } catch {
          return [];
        }
      })
      .filter((words) => words.includes(folder));
  }
});
