import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect } from 'chai';
import { builtinHooks, type Hook } from '../../../lib/initramfs/hooks';
import { type MkinitcpioSettings, mkinitcpioConf } from '../../../lib/initramfs/mkinitcpio/conf';
import {
  checkRoot,
  dropPostHooks,
  hooksToInstall,
  installHook,
} from '../../../lib/initramfs/mkinitcpio/root';
import { saidBy } from '../../../lib/initramfs/mkinitcpio/run';
import { run } from '../../../lib/system/process';
import { testFolder } from '../../helpers/folder';

describe("the root's mkinitcpio", () => {
  const folder = testFolder();
  const write = (name: string, text = ''): string => {
    const path = folder.path(name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
    return path;
  };
  const root = (): string => folder.path('root');
  const installed = (path: string): string => readFileSync(join(root(), path), 'utf8');
  const mine = (): Hook => {
    const [hook] = hooksToInstall(['mine'], [folder.path('hooks')]);
    return hook as Hook;
  };
  const messageOf = (action: () => void): string => {
    try {
      action();
    } catch (error) {
      return String(error);
    }
    return 'no error';
  };

  it('reads hooks, modules, files and compression from the configuration it is given', () => {
    const settings: MkinitcpioSettings = {
      hooks: ['base', 'dock0'],
      modules: ['virtio_blk', 'loop'],
      programs: ['e2fsck'],
      files: ['/etc/dock0/timeout'],
      compression: 'zstd',
      level: 22,
      modular: true,
    };
    expect(mkinitcpioConf(settings).split('\n')).to.deep.equal([
      "MODULES=('virtio_blk' 'loop')",
      "BINARIES=('e2fsck')",
      "FILES=('/etc/dock0/timeout')",
      "HOOKS=('base' 'dock0')",
      "COMPRESSION_OPTIONS=('--single-thread' '-19')",
      "COMPRESSION='zstd'",
      '',
    ]);
    const lines = (more: Partial<MkinitcpioSettings>): string[] =>
      mkinitcpioConf({ ...settings, level: undefined, ...more })
        .split('\n')
        .filter((line) => line.startsWith('COMPRESSION'));
    expect(lines({ compression: 'gzip' })).to.deep.equal([
      "COMPRESSION_OPTIONS=('--no-name' '-9')",
      "COMPRESSION='gzip'",
    ]);
    expect(lines({ compression: 'none' })).to.deep.equal(['COMPRESSION_OPTIONS=()', "COMPRESSION='cat'"]);
    // Where it does not know the kernel, it would not take zstd by its name.
    expect(lines({ modular: false })).to.include("COMPRESSION='/usr/bin/zstd'");
  });

  it("is given the user's hooks and dock0; base and all others are its own", () => {
    write('hooks/mine', 'run_hook() { :; }\n');
    const found = hooksToInstall(['base', 'udev', 'mine', 'dock0', 'dock0'], [folder.path('hooks')]);
    expect(found.map(({ name, builtin }) => [name, builtin])).to.deep.equal([
      ['mine', false],
      ['dock0', true],
    ]);
    write('hooks/dock0', 'run_hook() { :; }\n');
    write('hooks/base.install');
    expect(
      hooksToInstall(['base', 'dock0'], [folder.path('hooks')]).every(({ builtin }) => !builtin),
    ).to.equal(true);
  });

  it('is given a hook in its own form unchanged', () => {
    for (const hook of hooksToInstall(['dock0'], [])) installHook(hook, root());
    for (const [path, file] of [
      ['hooks/dock0', 'dock0'],
      ['install/dock0', 'dock0.install'],
    ] as const)
      expect(installed(`usr/lib/initcpio/${path}`)).to.equal(
        readFileSync(join(builtinHooks(), file), 'utf8'),
      );
  });

  /** Runs an install script as mkinitcpio does, and gives the calls it made. */
  const callsOf = async (): Promise<string[]> => {
    const { stdout } = await run('bash', [
      '-c',
      'for f in add_file add_module; do eval "$f() { echo $f \\"\\$@\\"; }"; done\n' +
        // biome-ignore lint/suspicious/noTemplateCurlyInString: bash expands it
        'add_runscript() { echo "runscript of ${BASH_SOURCE[1]##*/}"; }\n. "$1"; build',
      'bash',
      join(root(), 'usr/lib/initcpio/install/mine'),
    ]);
    return stdout.split('\n').filter(Boolean);
  };

  it("is given a completed hook where only dock0's own builder accepts the form", async () => {
    const script = write('hooks/mine', 'run_hook() { :; }\n');
    installHook(mine(), root());
    expect(await callsOf()).to.deep.equal(['runscript of mine']);
    const install = write(
      'hooks/mine.install',
      'build() {\n  add_module one\n  [ -e /nothing ] && add_module two\n}\n',
    );
    installHook(mine(), root());
    expect(await callsOf()).to.deep.equal(['add_module one', 'runscript of mine']);
    writeFileSync(install, '# no add_runscript\nadd_file /etc/x\n');
    installHook(mine(), root());
    expect(await callsOf()).to.deep.equal(['add_file /etc/x', 'runscript of mine']);
    writeFileSync(install, 'add_runscript\n');
    installHook(mine(), root());
    expect(await callsOf()).to.deep.equal(['runscript of mine']);
    writeFileSync(script, 'mount_handler=mine\n');
    installHook(mine(), root());
    expect(installed('usr/lib/initcpio/hooks/mine')).to.match(/^mount_handler=mine\n[\s\S]*^run_hook\(\)/m);
  });

  it("keeps its own script where the user's hook has an install script only", async () => {
    write('root/usr/lib/initcpio/hooks/mine', "the root's\n");
    write('hooks/mine.install', 'add_module one\n');
    installHook(mine(), root());
    expect(await callsOf()).to.deep.equal(['add_module one']);
    expect(installed('usr/lib/initcpio/hooks/mine')).to.equal("the root's\n");
  });

  it("never prefers the root's own hook, and no file of this machine is written through a link", () => {
    const outside = write('outside', 'not ours\n');
    write('root/etc/initcpio/hooks/dock0', 'another\n');
    mkdirSync(join(root(), 'usr/lib/initcpio/hooks'), { recursive: true });
    symlinkSync(outside, join(root(), 'usr/lib/initcpio/hooks/dock0'));
    for (const hook of hooksToInstall(['dock0'], [])) installHook(hook, root());
    expect(readFileSync(outside, 'utf8')).to.equal('not ours\n');
    expect(installed('usr/lib/initcpio/hooks/dock0')).to.contain('dock0_mount_handler');
    expect(() => installed('etc/initcpio/hooks/dock0')).to.throw('ENOENT');
  });

  it('runs nothing after the image is made', () => {
    write('root/etc/initcpio/post/sign');
    write('root/usr/lib/initcpio/post/copy');
    dropPostHooks(root());
    expect(() => installed('etc/initcpio/post/sign')).to.throw('ENOENT');
    expect(() => installed('usr/lib/initcpio/post/copy')).to.throw('ENOENT');
  });

  it('must be in the root, with the hooks that are named', () => {
    mkdirSync(root());
    expect(messageOf(() => checkRoot(root(), ['base'], []))).to.match(
      /^initramfs\.builder: the root has no mkinitcpio\n {2}Add mkinitcpio to `packages`/,
    );
    write('root/usr/bin/mkinitcpio');
    write('root/usr/lib/initcpio/install/base');
    write('root/usr/lib/initcpio/install/systemd');
    write('root/etc/initcpio/install/local');
    write('hooks/mine');
    const check = (...names: string[]): string =>
      messageOf(() => checkRoot(root(), names, hooksToInstall(['mine', 'dock0'], [folder.path('hooks')])));
    expect(check('base', 'local', 'mine', 'dock0')).to.equal('no error');
    expect(check('base', 'locl')).to.equal(
      'initramfs.hooks: there is no hook "locl"; did you mean "local"?\n' +
        '  Known hooks: base, dock0, local, mine, systemd; initramfs.hooks_dir adds a folder.',
    );
    expect(check('base', 'systemd', 'dock0')).to.contain('scripts such as dock0 do not run');
    expect(check('base', 'systemd')).to.equal('no error');
  });

  it('must have the hardware databases that its hook udev adds', () => {
    write('root/usr/bin/mkinitcpio');
    for (const name of ['base', 'block']) write(`root/usr/lib/initcpio/install/${name}`);
    const check = (...names: string[]): string =>
      messageOf(() => checkRoot(root(), names, hooksToInstall(['dock0'], [])));
    write('root/usr/lib/initcpio/install/udev', 'build() { add_binary udevadm; }\n');
    expect(check('base', 'udev', 'dock0')).to.equal('no error');
    write('root/usr/lib/initcpio/install/udev', 'map add_file /usr/lib/udev/hwdb.bin /etc/udev/hwdb.bin\n');
    expect(check('base', 'block', 'dock0')).to.equal('no error');
    expect(check('base', 'udev', 'dock0')).to.equal(
      'initramfs.hooks: the hook udev adds /usr/lib/udev/hwdb.bin and /etc/udev/hwdb.bin, which the root lacks\n' +
        '  `systemd-hwdb update` makes the one in /etc, `systemd-hwdb --usr update` the other: ' +
        'commands: {chroot: [[systemd-hwdb, update], [systemd-hwdb, --usr, update]]}.',
    );
    write('root/etc/udev/hwdb.bin');
    expect(check('base', 'udev', 'dock0')).to.contain('adds /usr/lib/udev/hwdb.bin, which the root lacks');
    write('root/usr/lib/udev/hwdb.bin');
    expect(check('base', 'udev', 'dock0')).to.equal('no error');
  });

  it('tells its progress and its problems', () => {
    expect(saidBy('  -> Running build hook: [/usr/lib/initcpio/install/udev]')).to.deep.equal({
      hook: 'udev',
    });
    expect(saidBy('  -> Running build hook: [udev]')).to.deep.equal({ hook: 'udev' });
    expect(saidBy("==> ERROR: module not found: 'x'")).to.deep.equal({ error: "module not found: 'x'" });
    expect(saidBy('==> WARNING: Possibly missing firmware')).to.deep.equal({
      warning: 'Possibly missing firmware',
    });
    expect(saidBy('==> Starting build')).to.deep.equal({});
  });
});
