import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { growingDisk, growsWithItsDisk } from '../helpers/growing-disk';

for (const type of ['xfs', 'btrfs'] as const) growsWithItsDisk(type);

describe('a disk that a machine divides at its first boot', () => {
  let folder: string;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'dock0-grow-'));
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  it('is divided in the end, whenever the power fails', async () => {
    const disk = await growingDisk(folder, 'ext4');
    const before = disk.partitions();
    disk.enlarge(600);
    for (const cut of [/MiB for volume-spare/, /vda3 has grown/, /formatting \/dev\/vda5/]) {
      const console = await disk.boot(disk.file, cut);
      expect(
        console.some((line) => cut.test(line)),
        console.join('\n'),
      ).to.equal(true);
      expect(console).to.not.include('fact: wrote data');
    }
    expect(await disk.boot()).to.include('fact: wrote data');
    expect(disk.partitions().releases).to.equal(2 * (before.releases ?? 0));
    expect(disk.complaints()).to.equal('');
  });
});
