import { expect } from 'chai';
import { differences } from '../../../lib/engine/difference';
import { type FileRecord, type FingerprintRecord, RECORD_FORMAT } from '../../../lib/engine/fingerprint';

const record: FingerprintRecord = {
  format: RECORD_FORMAT,
  step: 'pacstrap',
  version: 1,
  values: {
    packages: ['a', 'b'],
    squash: { level: 3, compression: 'zstd' },
    versions: { libc6: '2.36 amd64' },
  },
  files: [
    {
      role: 'overlay',
      name: 'overlay',
      digest: { 'etc/motd': `644 ${'3f2a'.repeat(16)}`, 'etc/x': '644 aa' },
    },
    { role: '', name: 'single', digest: '755 bb' },
  ],
  tools: { mksquashfs: '4.5.1' },
  needs: { rootfs: 'f1' },
};

function changed(change: Partial<FingerprintRecord>): string[] {
  return differences(record, { ...record, ...change });
}

describe('the difference of two fingerprints', () => {
  it('is empty when nothing changed', () => {
    expect(changed({})).to.deep.equal([]);
  });

  it('names list items that came and went', () => {
    expect(changed({ values: { ...record.values, packages: ['b', 'htop'] } })).to.deep.equal([
      'packages: + htop',
      'packages: - a',
    ]);
  });

  it('names the key of a nested value', () => {
    const values = { ...record.values, squash: { level: 15, compression: 'zstd' } };
    expect(changed({ values })).to.deep.equal(['squash.level: 3 -> 15']);
  });

  it('names a package that has another version, is new or is gone', () => {
    const values = { ...record.values, versions: { htop: '3 amd64' } };
    expect(changed({ values })).to.deep.equal([
      'versions.htop: absent -> 3 amd64',
      'versions.libc6: 2.36 amd64 -> absent',
    ]);
  });

  it('names files that changed, came and went, and a mode', () => {
    const digest = { 'etc/motd': `644 ${'90bc'.repeat(16)}`, 'etc/new': '644 cc' };
    const files = [
      { role: 'overlay', name: 'overlay', digest },
      { role: '', name: 'single', digest: '700 bb' },
    ];
    expect(changed({ files })).to.deep.equal([
      'overlay/etc/motd changed: 3f2a3f2a… -> 90bc90bc…',
      'overlay/etc/new is new',
      'overlay/etc/x is gone',
      'single: mode 755 -> 700',
    ]);
  });

  it('names a folder that is used in another way, and another order', () => {
    const [overlay, single] = record.files as [FileRecord, FileRecord];
    expect(changed({ files: [{ ...overlay, role: 'template' }, single] })).to.deep.equal([
      'overlay is used as template, it was overlay',
    ]);
    expect(changed({ files: [single, overlay] })).to.deep.equal([
      'files: the order changed: overlay, single -> single, overlay',
    ]);
  });

  it('names a tool with another version, a changed step and the step itself', () => {
    expect(changed({ tools: { mksquashfs: '4.6' }, needs: { rootfs: 'f2' }, version: 2 })).to.deep.equal([
      'the step itself: version 1 -> 2',
      'mksquashfs: version 4.5.1 -> 4.6',
      'rootfs changed',
    ]);
  });
});
