import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { picks, wantedModules } from '../../../lib/initramfs/builder';
import { AUTO_CARDS, AUTO_MODULES, absentDrivers } from '../../../lib/initramfs/drivers';
import { readModuleTree } from '../../../lib/initramfs/modules';

describe('the drivers of disks', () => {
  let root: string;
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'dock0-drivers-'));
    const folder = join(root, 'usr/lib/modules/6.1.0-test');
    mkdirSync(folder, { recursive: true });
    const files = ['scsi/aacraid.ko.xz', 'scsi/hpsa.ko', 'net/ethernet/intel/e1000.ko', 'block/rbd.ko'];
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

  it('and those of network cards too, where the root comes over the network', () => {
    expect(absentDrivers(readModuleTree(root), [], true)).to.equal(
      'pci:v1* hpsa\npci:v2* aacraid\npci:v3* e1000\n',
    );
  });

  it('come with those of network cards where the root comes over the network, if they are picked', () => {
    const cards = (modules: 'auto' | string[], network: boolean): readonly string[] =>
      wantedModules({ modules, volumes: {}, network, counting: [] }, []).cards;
    expect(cards('auto', true)).to.deep.equal(AUTO_CARDS);
    expect(cards(['auto', 'hpsa'], true)).to.deep.equal(AUTO_CARDS);
    expect(cards(['virtio_net'], true)).to.deep.equal([]);
    expect(cards('auto', false)).to.deep.equal([]);
  });

  it('are picked, stated, or both', () => {
    const drivers = (modules: 'auto' | string[]): readonly string[] =>
      wantedModules({ modules, volumes: {}, network: false, counting: [] }, []).drivers;
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
