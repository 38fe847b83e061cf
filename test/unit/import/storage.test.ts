import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { expect } from 'chai';
import type { Config } from '../../../lib/config/schema';
import { importStack, writeImported } from '../../../lib/import/write';
import { loadConfig } from '../../helpers/config';
import { testFolder } from '../../helpers/folder';

describe('the disks of a dock0 stack', () => {
  const folder = testFolder();
  const imported = async (yaml: string): Promise<{ base: Config; notes: string }> => {
    writeFileSync(folder.path('config.yaml'), yaml);
    writeFileSync(folder.path('packages'), 'base\n');
    const made = await importStack(['config.yaml'], folder.path());
    writeImported(made);
    const { base } = loadConfig({ files: ['dock0.yaml'], cwd: folder.path(), env: {} });
    return { base, notes: made.notes.join('\n') };
  };
  const lvs =
    'lvm: {device: /dev/sdy, name: vessel, lvs: {scratch: {size: 4G, fs: btrfs}, data: {size: 9G}}}\n';

  for (const option of ['cow_dev', 'rw_dev', 'cow_device']) {
    it(`keep writes on the volume that ${option} names`, async () => {
      const { base, notes } = await imported(`${lvs}kernel: {options: {${option}: /dev/vessel/scratch}}\n`);
      expect(base.install.cow).to.deep.include({ label: 'scratch' });
      expect(Object.keys(base.volumes)).to.not.include('scratch');
      expect(base.kernel.cmdline).to.deep.equal(['quiet']);
      expect(notes).to.match(/lvm\.lvs\.scratch: install\.cow; make .* of 4G .*mkfs\.btrfs -L scratch/);
    });
  }

  it('keep writes on a device outside the volume group', async () => {
    const plain = await imported('kernel: {options: {cow_dev: /dev/sdx}}\n');
    expect(plain.base.install.cow).to.deep.include({ device: '/dev/sdx' });
    expect(plain.notes).to.contain('kernel.options.cow_dev: install.cow.device');
  });

  it('lose writes whose volume is not in the stack, with a note', async () => {
    const { base, notes } = await imported(`${lvs}kernel: {options: {cow_dev: /dev/other/place}}\n`);
    expect(base.install.cow).to.equal('tmpfs');
    expect(notes).to.contain('kernel.options.cow_dev: /dev/other/place is not carried over');
  });

  it("get a volume for Docker's data if the stack has none, with a note", async () => {
    const { base, notes } = await imported(lvs);
    expect(base.volumes.docker).to.deep.include({ label: 'docker', path: '/var/lib/docker' });
    expect(base.volumes.data).to.deep.include({ label: 'data', path: '/srv/data' });
    expect(notes).to.contain('lvm.lvs: none is called docker; volumes.docker is added');
  });

  it("get no volume for Docker's data if the overlay links it to a device", async () => {
    const link = folder.path('overlay/var/lib/docker/devicemapper/devicemapper/data');
    mkdirSync(folder.path('overlay/var/lib/docker/devicemapper/devicemapper'), { recursive: true });
    symlinkSync('/dev/vessel/data', link);
    const { base } = await imported(lvs);
    expect(base.docker.storage).to.deep.include({ device: '/dev/vessel/data', volume: 'none' });
    expect(base.volumes).to.have.all.keys('scratch', 'data');
  });

  it('have a note for all other keys', async () => {
    mkdirSync(folder.path('overlay/etc'), { recursive: true });
    writeFileSync(folder.path('overlay/etc/fstab'), '/dev/vessel/data /srv/data ext4 noatime 0 1\n');
    const { notes } = await imported(
      'fs: {type: btrfs, flags: -f, label: x}\nlvm: {name: vessel, speed: 3, lvs: {data: {fs: jfs, stripes: 2}, odd: 5}}\n',
    );
    for (const said of [
      'fs.type: btrfs has no size',
      'fs.flags: ',
      'fs.label: no equivalent',
      'lvm.speed: no equivalent',
      'lvm.lvs.data.fs: jfs became ext4',
      'lvm.lvs.data.stripes: no equivalent',
      'lvm.lvs.odd: not a map',
      'overlay/etc/fstab: it mounts devices below /dev/vessel/',
    ])
      expect(notes).to.contain(said);
  });
});
