import { chmodSync, copyFileSync, mkdirSync, readFileSync } from 'node:fs';
import { expect } from 'chai';
import type { Keys } from '../../lib/install/signing';
import { run } from '../../lib/system/process';
import { agentDisk } from '../../lib/vm/firmware';
import { loadConfig } from '../helpers/config';
import { workFolder } from '../helpers/gulp';
import { signingKeys } from '../helpers/secure-boot';
import { tinyHost } from '../helpers/tiny-host';

const ESP_START = 2 * 2 ** 20;

describe('a disk image with systemd-boot', () => {
  const work = workFolder();
  const host = tinyHost(() => work.path());
  const image = (): string => host.path('build/tiny/current/disk.img');
  const disk = (): string => host.path('disk of ä.img');
  const ids: string[] = [];
  let keys: Keys;
  const configure = (motd: string, install: object): void => {
    host.write('overlay/etc/motd', motd);
    host.configure({
      overlay: './overlay',
      install: { layout: 'gpt', size: '300M', loader: 'systemd-boot', ...install },
    });
  };
  const task = async (...args: string[]): Promise<string> => {
    const { code, output } = await host.task(args);
    expect(code, output).to.equal(0);
    return output;
  };
  const files = async (file: string): Promise<string[]> => {
    const env = { MTOOLS_SKIP_CHECK: '1' };
    const { stdout } = await run('mdir', ['-/', '-b', '-i', `${file}@@${ESP_START}`, '::'], { env });
    return stdout
      .split('\n')
      .map((line) => line.replace(/^::\//, '').replace(/[0-9a-f]{16}/, 'ID'))
      .filter((line) => line !== '' && !line.endsWith('/'))
      .sort();
  };
  const listed = async (): Promise<string[]> => {
    const output = await task('releases', '--onto', disk());
    return [...output.matchAll(/\b([0-9a-f]{16})((?: (?:current|previous|trying:\d))*)$/gm)]
      .map(([, id = '', what = '']) => `${ids.indexOf(id)}${what}`)
      .sort();
  };
  const LOADER = ['EFI/BOOT/BOOTX64.EFI', 'loader/loader.conf'];
  before(async () => {
    keys = await signingKeys(work.path(), 'own');
    chmodSync(keys.key, 0o600);
  });

  it('has entries, and kernel and initramfs where it reads them, once', async () => {
    configure('one\n', {});
    await task('install');
    ids.push(host.id());
    expect(await files(image())).to.have.members([
      ...LOADER,
      'dock0/ID.initrd',
      'dock0/ID.linux',
      'loader/entries/dock0-00000001-ID.conf',
    ]);
    copyFileSync(image(), disk());
    expect(await listed()).to.deep.equal(['0 current']);
  });

  it('gets another release, with a signed unified kernel image, and goes back', async () => {
    configure('two\n', { uki: true, secure_boot: { key: './own.key', certificate: './own.crt' } });
    await task('install', '--onto', disk());
    ids.push(host.id());
    expect(await listed()).to.deep.equal(['0 current', '1 trying:3']);
    expect(await files(disk())).to.have.members([
      ...LOADER,
      'dock0/ID.initrd',
      'dock0/ID.linux',
      'loader/entries/dock0-00000001-ID.conf',
      'EFI/Linux/dock0-00000002-ID+3.efi',
    ]);
    await run('sbverify', ['--cert', keys.certificate, host.path('build/tiny/current/linux.efi')]);
    await task('rollback', '--onto', disk(), '--release', ids[1] as string);
    expect(await listed()).to.deep.equal(['0 previous', '1 current']);
    await task('rollback', '--onto', disk());
    expect(await listed()).to.deep.equal(['0 current', '1 previous']);
  });

  it('is the same bytes when it is signed again, and the key is in none of them, nor in what is said or kept', async () => {
    const before = readFileSync(image());
    const output = await task('install', '--force', 'install', '--verbose');
    expect(readFileSync(image()).equals(before)).to.equal(true);
    const line = readFileSync(keys.key, 'utf8').split('\n')[3] as string;
    expect(output).to.not.contain(line);
    const folders = ['build', 'cache'].map((name) => host.path(name));
    const { stdout } = await run('grep', ['-rlaF', '--', line, ...folders], { okCodes: [0, 1] });
    expect(stdout).to.equal('');
    const manifest = readFileSync(host.path('build/tiny/current/manifest.json'), 'utf8');
    expect(manifest).to.contain('"secure_boot": "a key and its certificate"').and.not.contain('own.key');
  });

  it('starts what verify puts on it, in place of its own initramfs and command line', async () => {
    for (const uki of [false, true]) {
      configure('verified\n', { uki });
      await task('install');
      const release = host.path(`build/tiny/releases/${host.id()}`);
      host.write('same.yaml', `install: {loader: systemd-boot, uki: ${uki}}\n`);
      const { base } = loadConfig({ files: [host.path('same.yaml')], cwd: host.path() });
      const tmp = host.path(`verify ${uki}`);
      mkdirSync(tmp);
      const { file, fill } = await agentDisk(release, base, tmp, run);
      const before = await files(file);
      host.write('initrd', 'the initrd of verify');
      for (const word of ['first', 'second']) await fill(host.path('initrd'), `quiet ${word}`);
      const added = uki ? [] : ['dock0/ID.initrd'];
      expect(await files(file)).to.deep.equal([...before, ...added].sort());
      const entry = uki
        ? `EFI/Linux/dock0-00000001-${host.id()}.efi`
        : `loader/entries/dock0-00000001-${host.id()}.conf`;
      const env = { MTOOLS_SKIP_CHECK: '1' };
      const { stdout } = await run('mcopy', ['-i', `${file}@@${ESP_START}`, `::/${entry}`, '-'], { env });
      expect(stdout).to.contain('quiet second').and.not.contain('quiet first');
    }
  });

  it('is left as it is by a release for another boot loader', async () => {
    configure('three\n', { loader: 'grub' });
    const before = await files(disk());
    const { code, output } = await host.task(['install', '--onto', disk()]);
    expect(code).to.equal(1);
    expect(output).to.contain('the disk boots by systemd-boot, and the release is made for grub');
    expect(await files(disk())).to.deep.equal(before);
  });
});
