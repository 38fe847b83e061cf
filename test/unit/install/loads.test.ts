import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { unknownModules } from '../../../lib/install/loads';
import { testFolder } from '../../helpers/folder';

describe('modules that a machine is to load', () => {
  const folder = testFolder();

  it('are named where its kernel lacks them, with the one that was meant', () => {
    const tree = folder.path('modules/usr/lib/modules/6.1');
    mkdirSync(tree, { recursive: true });
    writeFileSync(
      join(tree, 'modules.dep'),
      'kernel/net/bridge/br_netfilter.ko.xz:\nkernel/drivers/net/dummy.ko:\n',
    );
    writeFileSync(join(tree, 'modules.builtin'), 'kernel/fs/ext4/ext4.ko\n');
    writeFileSync(join(tree, 'modules.alias'), 'alias tcp-thing dummy\n');
    const words = ['br_netfitler', 'br-netfilter', 'ext4', 'tcp-thing', 'zfs'];
    expect(unknownModules(words, folder.path())).to.deep.equal([
      'modules.load: the kernel 6.1 has no module br_netfitler; did you mean br_netfilter?',
      'modules.load: the kernel 6.1 has no module zfs',
    ]);
  });

  it('are not looked for in a kernel without modules', () => {
    expect(unknownModules(['dummy'], folder.path())).to.deep.equal([]);
  });
});
