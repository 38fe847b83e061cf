import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import type { BuildContext } from '../../../lib/build';
import type { Config } from '../../../lib/config/schema';
import type { StepInputs } from '../../../lib/engine/step';
import { initramfs } from '../../../tasks/initramfs';
import { loadConfig } from '../../helpers/config';
import { testFolder } from '../../helpers/folder';

describe('what the initramfs depends on', () => {
  const folder = testFolder();
  const configOf = (settings: object, distribution = 'auto', install = {}): Config => {
    const text = JSON.stringify({ name: 'x', distribution, initramfs: settings, install });
    writeFileSync(folder.path('dock0.yaml'), text);
    return loadConfig({ files: [folder.path('dock0.yaml')], cwd: folder.path() }).base;
  };
  const kernel: { version: string | undefined } = { version: '6.1' };
  const inputs = async (settings: object, distribution?: string): Promise<StepInputs> =>
    (await initramfs.inputs?.({ config: configOf(settings, distribution) } as BuildContext, async () =>
      kernel.version === undefined ? undefined : kernel,
    )) ?? {};
  const versioned = async (settings: object, distribution?: string): Promise<string[]> => {
    const tools = await initramfs.tools?.({ config: configOf(settings, distribution) } as BuildContext);
    return (tools ?? []).filter((tool) => tool.versioned).map(({ name }) => name);
  };
  const names = ({ files = [] }: StepInputs): string[] => files.map(({ name }) => name);

  it('is the first program, busybox and the hooks, and the volumes that it mounts', async () => {
    const found = await inputs({});
    const [hooks, programs] = [names(found).slice(0, 11), names(found).slice(11)];
    expect(hooks).to.deep.equal([
      'init',
      'busybox',
      'hooks/base.install',
      'hooks/dock0',
      'hooks/dock0.install',
      'hooks/dock0-trial',
      'hooks/dock0-disks',
      'hooks/dock0-partitions',
      'hooks/dock0-volumes',
      'hooks/dock0-state',
      'hooks/dock0-clock',
    ]);
    // What checks the volume of Docker's data.
    expect(programs).to.include('program: usr/bin/e2fsck');
    expect(programs.join('\n')).to.match(/^program: .*libc\.so\.6$/m);
    expect(found.values?.volumes).to.have.nested.property('docker.label', 'docker');
    expect(await versioned({})).to.deep.equal(['zstd']);
  });

  it('is one hook more where the root comes over the network', async () => {
    const config = configOf({}, 'auto', { target: 'netboot' });
    const found = (await initramfs.inputs?.({ config } as BuildContext, async () => undefined)) ?? {};
    const more = names(found).filter((name) => name.includes('netboot'));
    expect(more).to.deep.equal(['hooks/dock0-netboot', 'hooks/dock0-netboot.install']);
    expect(names(await inputs({})).join(' ')).not.to.contain('netboot');
  });

  it("is also what a user's hook takes from this machine, down to the libraries", async () => {
    mkdirSync(folder.path('hooks'));
    writeFileSync(folder.path('hooks/tool'), '#!/bin/sh\n');
    writeFileSync(
      folder.path('hooks/mine.install'),
      'add_binary ./tool /usr/bin/tool\nadd_binary sh /usr/bin/other\n',
    );
    const found = await inputs({ hooks: ['base', 'mine', 'dock0'], hooks_dir: './hooks' });
    expect(names(found)).to.include.members([
      'hooks/mine.install',
      'hook mine: usr/bin/tool',
      'hook mine: usr/bin/other',
    ]);
    expect(names(found).join('\n')).to.match(/^hook mine: .*libc\.so\.6$/m);
    expect(found.files?.find(({ name }) => name === 'hook mine: usr/bin/tool')?.path).to.equal(
      join(folder.path('hooks'), 'tool'),
    );
  });

  it("is all else that a user's hook adds: links, folders with modes, empty ones too, and modules", async () => {
    mkdirSync(folder.path('hooks/tree/empty'), { recursive: true });
    writeFileSync(folder.path('hooks/tree/file'), 'x');
    writeFileSync(
      folder.path('hooks/mine.install'),
      'add_symlink /a b\nadd_dir /c 700\nadd_full_dir tree\nadd_module one\nadd_module "two?"\necho told\n',
    );
    const found = await inputs({ hooks: ['base', 'mine', 'dock0'], hooks_dir: './hooks' });
    expect(found.values?.added).to.deep.equal({
      'hook mine': [
        'symlink "/a" -> "b"',
        'directory /c 700',
        'directory /tree 755',
        'directory /tree/empty 755',
        'file /tree/file 644',
        'module one',
        'module two?',
      ],
    });
  });

  it('is what a hook adds for the release of the kernel, where its script names KERNELVERSION', async () => {
    mkdirSync(folder.path('hooks'));
    const script = folder.path('hooks/mine.install');
    writeFileSync(script, 'add_dir "/of-$KERNELVERSION"\n');
    const added = async (): Promise<unknown> =>
      (await inputs({ hooks: ['base', 'mine', 'dock0'], hooks_dir: './hooks' })).values?.added;
    expect(await added()).to.deep.equal({ 'hook mine': ['directory /of-6.1 755'] });
    kernel.version = undefined;
    expect(await added()).to.deep.equal({ 'hook mine': 'known once the kernel is made' });
    writeFileSync(script, 'env | grep -q ^KERNELVERS.ON=. && add_dir /set\nadd_dir /always\n');
    expect(await added()).to.deep.equal({ 'hook mine': ['directory /always 755'] });
  });

  it('is the version of zlib where that packs it', async () => {
    const found = await inputs({ compression: 'gzip' });
    expect(found.values?.zlib).to.equal(process.versions.zlib);
    expect(await versioned({ compression: 'gzip' })).to.deep.equal([]);
  });

  it('has to have a hook that mounts the root, one of ours or of the user', async () => {
    mkdirSync(folder.path('hooks'));
    writeFileSync(folder.path('hooks/mine'), 'run_hook() { mount_handler=my_handler; }\n');
    writeFileSync(folder.path('hooks/other'), '# mount_handler=x\nrun_hook() { :; }\n');
    const refusal = (builder: string, ...hooks: string[]): Promise<string> =>
      inputs({ builder, hooks, hooks_dir: './hooks' }, 'arch').then(
        () => 'taken',
        (error: Error) => error.message,
      );
    for (const builder of ['dock0', 'mkinitcpio']) {
      expect(await refusal(builder, 'base', 'other')).to.contain('initramfs.hooks: no hook mounts the root');
      expect(await refusal(builder, 'base', 'mine')).to.equal('taken');
      expect(await refusal(builder, 'base', 'dock0')).to.equal('taken');
    }
    expect(await refusal('mkinitcpio', 'base', 'udev', 'block', 'filesystems')).to.contain('no hook mounts');
  });

  describe('by mkinitcpio', () => {
    const stepsOf = (settings: object): string[] =>
      Object.keys(initramfs.needs?.({ config: configOf(settings, 'arch') } as BuildContext) ?? {});

    it('is the root with its packages and settings, where the own builder needs the kernel alone', () => {
      expect(stepsOf({ builder: 'mkinitcpio' })).to.deep.equal(['kernel', 'pacstrap', 'customize']);
      expect(stepsOf({})).to.deep.equal(['kernel']);
    });

    it("is of this machine the hook dock0 and the folders of the user's hooks in use", async () => {
      mkdirSync(folder.path('hooks'));
      writeFileSync(folder.path('hooks/mine.install'), 'exit 1\n');
      const settings = { builder: 'mkinitcpio', hooks_dir: './hooks', hooks: ['base', 'udev', 'dock0'] };
      const without = await inputs(settings, 'arch');
      expect(names(without)).to.deep.equal([
        'hooks/dock0',
        'hooks/dock0.install',
        'hooks/dock0-trial',
        'hooks/dock0-disks',
        'hooks/dock0-partitions',
        'hooks/dock0-volumes',
        'hooks/dock0-state',
        'hooks/dock0-clock',
      ]);
      expect(await versioned(settings, 'arch')).to.deep.equal([]);
      const found = await inputs({ ...settings, hooks: ['mine', 'dock0'] }, 'arch');
      const own = found.files?.map(({ path }) => path).filter((path) => path.startsWith(folder.path()));
      expect(own).to.deep.equal([folder.path('hooks/mine.install'), folder.path('hooks')]);
    });
  });
});
