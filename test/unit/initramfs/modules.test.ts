import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { closureOf, moduleName, readModuleTree } from '../../../lib/initramfs/modules';

describe("a kernel's modules", () => {
  let root: string;
  let folder: string;
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'dock0-modules-'));
    folder = join(root, 'usr/lib/modules/6.1.0-test');
    mkdirSync(folder, { recursive: true });
    write('modules.dep', [
      'kernel/drivers/virtio/virtio_ring.ko:',
      'kernel/drivers/virtio/virtio.ko: kernel/drivers/virtio/virtio_ring.ko',
      'kernel/drivers/block/virtio_blk.ko.xz: kernel/drivers/virtio/virtio.ko kernel/drivers/virtio/virtio_ring.ko',
      'kernel/drivers/block/xen-blkfront.ko:',
      'kernel/crypto/crc32c_generic.ko:',
      'kernel/fs/ext4/ext4.ko: kernel/fs/jbd2/jbd2.ko',
      'kernel/fs/jbd2/jbd2.ko:',
    ]);
    write('modules.builtin', ['kernel/drivers/block/loop.ko', 'kernel/fs/squashfs/squashfs.ko']);
    write('modules.softdep', ['# comment', 'softdep ext4 pre: crypto-crc32c post: not-there']);
    write('modules.alias', ['alias crypto-crc32c crc32c_generic', 'alias pci:v00001AF4d* virtio_blk']);
  });
  afterEach(() => rmSync(root, { recursive: true }));

  const write = (name: string, lines: string[]): void =>
    writeFileSync(join(folder, name), `${lines.join('\n')}\n`);

  it('are read from the only version there is', () => {
    const tree = readModuleTree(root);
    expect(tree.version).to.equal('6.1.0-test');
    expect(tree.files.get('virtio_blk')).to.equal('kernel/drivers/block/virtio_blk.ko.xz');
  });

  it('come with their dependencies, which come first', () => {
    expect(closureOf(readModuleTree(root), ['virtio_blk'])).to.deep.equal({
      files: [
        'kernel/drivers/virtio/virtio_ring.ko',
        'kernel/drivers/virtio/virtio.ko',
        'kernel/drivers/block/virtio_blk.ko.xz',
      ],
      missing: [],
    });
  });

  it('come with the soft dependencies that exist, also by alias', () => {
    expect(closureOf(readModuleTree(root), ['ext4']).files).to.deep.equal([
      'kernel/fs/jbd2/jbd2.ko',
      'kernel/crypto/crc32c_generic.ko',
      'kernel/fs/ext4/ext4.ko',
    ]);
  });

  it('are not needed when they are built in', () => {
    expect(closureOf(readModuleTree(root), ['loop', 'squashfs'])).to.deep.equal({ files: [], missing: [] });
  });

  it('are named when they are neither a module nor built in', () => {
    expect(closureOf(readModuleTree(root), ['overlay', 'loop', 'virtio_blk']).missing).to.deep.equal([
      'overlay',
    ]);
  });

  it('are the same with - and _', () => {
    expect(closureOf(readModuleTree(root), ['xen_blkfront', 'xen-blkfront']).files).to.deep.equal([
      'kernel/drivers/block/xen-blkfront.ko',
    ]);
    expect(moduleName('kernel/drivers/block/xen-blkfront.ko.zst')).to.equal('xen_blkfront');
  });

  it('have an order even when soft dependencies form a circle', () => {
    write('modules.softdep', ['softdep ext4 pre: jbd2', 'softdep jbd2 pre: ext4']);
    expect(closureOf(readModuleTree(root), ['ext4']).files).to.have.members([
      'kernel/fs/jbd2/jbd2.ko',
      'kernel/fs/ext4/ext4.ko',
    ]);
  });

  it('are refused without an index, and for two kernels', () => {
    rmSync(join(folder, 'modules.dep'));
    expect(() => readModuleTree(root)).to.throw(/has no modules.dep/);
    mkdirSync(join(root, 'usr/lib/modules/6.2'));
    expect(() => readModuleTree(root)).to.throw(/expected one kernel's folder, found 2/);
  });
});
