import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { picks, wantedModules } from '../../../lib/initramfs/builder';
import { AUTO_MODULES, absentDrivers } from '../../../lib/initramfs/drivers';
import { readModuleTree } from '../../../lib/initramfs/modules';

describe('the drivers of disks', () => {
  let root: string;
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'dock0-drivers-'));
    const folder = join(root, 'usr/lib/modules/6.1.0-test');
    mkdirSync(folder, { recursive: true });
    const files = ['scsi/aacraid.ko.xz', 'scsi/hpsa.ko', 'net/e1000.ko', 'block/rbd.ko'];
    writeFileSync(join(folder, 'modules.dep'), files.map((file) => `kernel/drivers/${file}:\n`).join(''));
    const aliases = ['pci:v1* hpsa', 'pci:v2* aacraid', 'pci:v3* e1000', 'fs-rbd rbd', 'pci:v4* gone'];
    writeFileSync(join(folder, 'modules.alias'), aliases.map((alias) => `alias ${alias}\n`).join(''));
  });
  afterEach(() => rmSync(root, { recursive: true }));

  it('that an initramfs leaves out are listed by what a device says of itself', () => {
    const tree = readModuleTree(root);
    expect(absentDrivers(tree, [])).to.equal('pci:v1* hpsa\npci:v2* aacraid\n');
    expect(absentDrivers(tree, ['kernel/drivers/scsi/aacraid.ko.xz'])).to.equal('pci:v1* hpsa\n');
  });

  it('are picked, stated, or both', () => {
    const drivers = (modules: 'auto' | string[]): readonly string[] =>
      wantedModules({ modules, volumes: {}, counting: [] }, []).drivers;
    expect(drivers('auto')).to.deep.equal(AUTO_MODULES);
    expect(drivers(['hpsa'])).to.deep.equal(['hpsa']);
    expect(drivers(['auto', 'hpsa', 'nvme'])).to.deep.equal([...AUTO_MODULES, 'hpsa']);
    expect([picks({ modules: 'auto' }), picks({ modules: ['auto'] }), picks({ modules: [] })]).to.deep.equal([
      true,
      true,
      false,
    ]);
  });
});
