import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { loadConfig } from '../../../lib/config/load';
import type { PlanContext, StepInputs } from '../../../lib/engine/step';
import { initramfs } from '../../../tasks/initramfs';
import { testFolder } from '../../helpers/folder';

describe('what the initramfs depends on', () => {
  const folder = testFolder();
  const inputs = async (settings: object): Promise<StepInputs> => {
    writeFileSync(folder.path('dock0.yaml'), JSON.stringify({ name: 'x', initramfs: settings }));
    const config = loadConfig({ files: [folder.path('dock0.yaml')], cwd: folder.path() }).base;
    return (await initramfs.inputs?.({ config } as PlanContext)) ?? {};
  };
  const names = ({ files = [] }: StepInputs): string[] => files.map(({ name }) => name);

  it('is the first program, busybox and the hooks, and the volumes that it mounts', async () => {
    const found = await inputs({});
    expect(names(found)).to.deep.equal([
      'init',
      'busybox',
      'hooks/base.install',
      'hooks/dock0',
      'hooks/dock0.install',
    ]);
    expect(found.values?.volumes).to.have.nested.property('docker.label', 'docker');
    expect(found.tools).to.deep.equal(['zstd']);
  });

  it("is also what a user's hook takes from this machine, down to the libraries", async () => {
    mkdirSync(folder.path('hooks'));
    writeFileSync(folder.path('hooks/tool'), '#!/bin/sh\n');
    writeFileSync(
      folder.path('hooks/mine.install'),
      'add_binary ./tool /usr/bin/tool\nadd_binary sh /usr/bin/other\n',
    );
    const found = await inputs({ hooks: ['base', 'mine'], hooks_dir: './hooks' });
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

  it('is the version of zlib where that packs it', async () => {
    const found = await inputs({ compression: 'gzip' });
    expect(found.values?.zlib).to.equal(process.versions.zlib);
    expect(found.tools).to.deep.equal([]);
  });

  it('refuses a builder that can not make it', async () => {
    const failed = await inputs({ builder: 'mkinitcpio' }).catch((error: Error) => error.message);
    expect(failed).to.equal("initramfs.builder: this image's initramfs can't be made by mkinitcpio");
  });
});
