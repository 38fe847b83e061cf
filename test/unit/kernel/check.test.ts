import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { findings, requireNeeds, table } from '../../../lib/kernel/check';
import { type Kconfig, parseKconfig } from '../../../lib/kernel/kconfig';
import { needsOf } from '../../../lib/kernel/needs';
import { collectRequests } from '../../../lib/kernel/requests';
import { failure, imageOf, sufficient } from './support';

/** What the named fragments that are shipped ask for. */
function shipped(...names: string[]): Kconfig {
  const folder = join(__dirname, '../../../configs/kernel');
  const fragments = names.map((name) => ({
    name,
    text: readFileSync(join(folder, `${name}.config`), 'utf8'),
  }));
  return new Map([...collectRequests(fragments)].map(([symbol, { value }]) => [symbol, value]));
}

/** What is necessary for the image of these settings. */
function necessary(...set: string[]): string[] {
  return needsOf(imageOf(...set))
    .filter((need) => need.necessary)
    .map(({ symbols }) => symbols.join('|'));
}

describe('the check of a kernel', () => {
  const needs = needsOf(imageOf());

  it('is met in every point by the fragments that are shipped for it, but for file systems few have', () => {
    const missing = findings(shipped('boot', 'squashfs', 'docker'), needs).filter(
      ({ by }) => by === undefined,
    );
    expect(missing.map(({ need }) => need.symbols.join('|'))).to.deep.equal(['XFS_FS', 'BTRFS_FS', 'ZRAM']);
  });

  it('asks for the compression that layers have, and the fragments have each of them', () => {
    for (const [compression, symbol] of [
      ['zstd', 'SQUASHFS_ZSTD'],
      ['xz', 'SQUASHFS_XZ'],
      ['gzip', 'SQUASHFS_ZLIB'],
      ['lz4', 'SQUASHFS_LZ4'],
      ['lzo', 'SQUASHFS_LZO'],
    ] as const) {
      const found = necessary(`squash.compression=${compression}`);
      expect(found.filter((each) => /^SQUASHFS_(?!XATTR)/.test(each))).to.deep.equal([symbol]);
      expect(shipped('squashfs').get(symbol)).to.equal('y');
    }
  });

  it('asks for the compression that the initramfs has', () => {
    const found = (compression: string): string[] =>
      necessary(`initramfs.compression=${compression}`).filter((symbol) => symbol.startsWith('RD_'));
    expect(found('zstd')).to.deep.equal(['RD_ZSTD']);
    expect(found('gzip')).to.deep.equal(['RD_GZIP']);
    expect(found('none')).to.deep.equal([]);
  });

  it('asks for the file systems of the disk image and of volumes', () => {
    const found = (...set: string[]): string[] =>
      necessary(...set).filter((symbol) => /^(EXT4|XFS|BTRFS)_FS$/.test(symbol));
    expect(found('volumes.docker.type=xfs')).to.deep.equal(['EXT4_FS', 'XFS_FS']);
    expect(found('volumes.docker.type=btrfs', 'install.target=directory')).to.deep.equal(['BTRFS_FS']);
  });

  it('asks for nothing of Docker without Docker, and for what its storage driver needs', () => {
    const without = necessary('docker.enabled=false');
    expect(without).to.include.members(['SQUASHFS', 'OVERLAY_FS', 'CGROUPS', 'INET']);
    expect(without.join()).not.to.match(/NF_|NFT_|IPV6|VETH|BRIDGE|_NS|MEMCG|KEYS/);
    expect(necessary('docker.storage.driver=devicemapper')).to.include('DM_THIN_PROVISIONING');
  });

  it('does not accept a module where it is needed before the first one is loaded', async () => {
    const config = shipped('boot', 'squashfs', 'docker');
    config.set('BINFMT_SCRIPT', 'm');
    config.set('SQUASHFS', 'm');
    const error = await failure(() => requireNeeds(config, needs, 'x'));
    expect(error.message.split('\n').slice(1)).to.deep.equal(['  CONFIG_BINFMT_SCRIPT=y: runs scripts']);
  });

  it('refuses a kernel that lacks something necessary, names all of it and says what for', async () => {
    const config = shipped('boot', 'squashfs', 'docker');
    config.delete('SQUASHFS');
    config.set('OVERLAY_FS', 'n');
    const error = await failure(() => requireNeeds(config, needs, 'linux 6.1'));
    expect(error.message).to.match(/^linux 6\.1 lacks/);
    expect(error.message).to.contain('CONFIG_SQUASHFS: the read-only root').and.contain('CONFIG_OVERLAY_FS');
    expect(error.message.split('\n')).to.have.length(3);
  });

  it('accepts a kernel that lacks only what is optional', () => {
    const config = parseKconfig(
      sufficient()
        .map((line) => `CONFIG_${line}\n`)
        .join(''),
    );
    expect(() => requireNeeds(config, needs, 'x')).not.to.throw();
  });

  it('accepts any one of several equivalent symbols', () => {
    const of = (symbol: string): string | undefined =>
      findings(new Map([[symbol, 'y']]), needs).find(({ need }) => need.symbols.includes('IP_NF_IPTABLES'))
        ?.by;
    expect(of('IP_NF_IPTABLES')).to.equal('IP_NF_IPTABLES');
    expect(of('NFT_COMPAT')).to.equal('NFT_COMPAT');
    expect(of('OTHER')).to.equal(undefined);
  });

  it('shows groups, states and totals', () => {
    const text = table(
      findings(
        new Map([
          ['SQUASHFS', 'y'],
          ['OVERLAY_FS', 'm'],
        ]),
        needs,
      ),
    );
    expect(text).to.match(/^SquashFS$/m);
    expect(text).to.match(/SQUASHFS +necessary +built in/);
    expect(text).to.match(/OVERLAY_FS +necessary +module/);
    expect(text).to.match(/VETH +necessary +MISSING/);
    expect(text).to.match(/DUMMY +optional +absent/);
    expect(text).to.match(/CMDLINE +necessary +right +the release's command line/);
    expect(text).to.match(
      /LSM +necessary +WRONG +AppArmor confines containers: CONFIG_SECURITY_APPARMOR is not set/,
    );
    expect(text).to.match(/necessary: 5 there, \d+ missing; optional: 0 there, \d+ absent$/);
  });
});

describe('the check of what strings of a kernel do', () => {
  const faultsOf = (changes: Record<string, string>, ...set: string[]): string[] => {
    const config = new Map([...shipped('boot', 'squashfs', 'docker'), ...Object.entries(changes)]);
    return findings(config, needsOf(imageOf(...set))).flatMap(({ need, fault }) =>
      fault === undefined ? [] : [`${need.necessary ? '' : 'optional '}${need.symbols[0]}: ${fault}`],
    );
  };
  const ORDER = '"landlock,lockdown,yama,loadpin,safesetid,integrity,bpf"';

  it('finds nothing wrong with the fragments that are shipped', () => {
    expect(faultsOf({})).to.deep.equal([]);
  });

  it('refuses AppArmor that is built in and never runs, for an image that has it', () => {
    const adding = 'lsm=landlock,lockdown,yama,loadpin,safesetid,integrity,apparmor,bpf';
    const fault = `LSM: CONFIG_LSM is ${ORDER}, without apparmor (kernel.cmdline: [${adding}] adds it)`;
    expect(faultsOf({ LSM: ORDER })).to.deep.equal([fault]);
    expect(faultsOf({ LSM: ORDER }, `kernel.cmdline=["${adding}"]`)).to.deep.equal([]);
    expect(faultsOf({ LSM: ORDER }, 'packages=[docker.io]')).to.deep.equal([`optional ${fault}`]);
    expect(faultsOf({ LSM: ORDER }, 'docker.enabled=false')).to.deep.equal([`optional ${fault}`]);
  });

  it('knows what else keeps AppArmor from running', () => {
    const lsm = (changes: Record<string, string>, ...set: string[]): string | undefined =>
      faultsOf(changes, ...set)[0];
    expect(lsm({ SECURITY_APPARMOR: 'n' })).to.equal('LSM: CONFIG_SECURITY_APPARMOR is not set');
    expect(lsm({ LSM: '"selinux,apparmor"', SECURITY_SELINUX: 'y' })).to.match(/selinux comes first/);
    expect(lsm({ LSM: '"selinux,apparmor"' })).to.equal(undefined);
    expect(lsm({ SECURITY_APPARMOR_BOOTPARAM_VALUE: '0' })).to.match(/turned off: apparmor=0/);
    expect(lsm({ CMDLINE: '"apparmor=0"' })).to.match(/turned off: apparmor=0/);
    expect(lsm({ CMDLINE: '"apparmor=0"' }, 'kernel.cmdline=[apparmor=1]')).to.equal(undefined);
    expect(lsm({}, 'kernel.cmdline=[security=selinux]')).to.match(/has security=selinux/);
    expect(lsm({}, 'kernel.cmdline=["lsm=yama,bpf"]')).to.match(/has lsm=yama,bpf, without apparmor/);
  });

  it('reads CONFIG_DEFAULT_SECURITY where the kernel has no CONFIG_LSM', () => {
    const old = (value: string): string[] => {
      const config = new Map([...shipped('docker'), ['DEFAULT_SECURITY', value] as const]);
      config.delete('LSM');
      const found = findings(config, needsOf(imageOf()));
      return found.filter(({ need }) => need.symbols[0] === 'LSM').map(({ fault }) => fault ?? 'right');
    };
    expect(old('"apparmor"')).to.deep.equal(['right']);
    expect(old('""')[0]).to.match(/^CONFIG_DEFAULT_SECURITY is "", without apparmor/);
  });

  it('refuses what makes the kernel ignore the release', () => {
    expect(faultsOf({ CMDLINE_OVERRIDE: 'y' })[0]).to.match(/^CMDLINE: CONFIG_CMDLINE_OVERRIDE=y: /);
    expect(faultsOf({ CMDLINE_FORCE: 'y' })[0]).to.match(/^CMDLINE: CONFIG_CMDLINE_FORCE=y: /);
    expect(faultsOf({ INITRAMFS_FORCE: 'y' })[0]).to.match(/^CMDLINE: CONFIG_INITRAMFS_FORCE=y: /);
    expect(faultsOf({ CMDLINE: '"quiet rdinit=/bin/sh"' })[0]).to.match(/^CMDLINE: it has rdinit=/);
  });

  it('refuses what takes limits and modules from containers', () => {
    expect(faultsOf({ CMDLINE: '"cgroup_disable=memory"' })).to.deep.equal([
      'CMDLINE: the command line has cgroup_disable=memory',
    ]);
    expect(faultsOf({}, 'kernel.cmdline=["cgroup_disable=pids,rdma"]')).to.deep.equal([
      'CMDLINE: the command line has cgroup_disable=pids',
    ]);
    expect(faultsOf({ MODPROBE_PATH: '""' })).to.deep.equal([]);
    expect(faultsOf({ MODULES: 'y', MODPROBE_PATH: '""' })).to.deep.equal(['MODPROBE_PATH: it is empty']);
    expect(faultsOf({ MODULES: 'y', STATIC_USERMODEHELPER: 'y' })[0]).to.match(/^MODPROBE_PATH: /);
  });
});

describe('the fragments that are shipped', () => {
  it('ask for a driver of the disk, the network and the console, each for its kind of machine', () => {
    expect(shipped('kvm').get('VIRTIO_BLK')).to.equal('y');
    expect(shipped('xen').get('XEN_BLKDEV_FRONTEND')).to.equal('y');
    expect(shipped('metal').get('BLK_DEV_NVME')).to.equal('y');
    expect(shipped('linode').get('SCSI_VIRTIO')).to.equal('y');
  });

  it('can be laid on each other: no two ask for opposite things', () => {
    const seen = new Map<string, string>();
    for (const name of ['boot', 'squashfs', 'docker', 'kvm', 'xen', 'metal', 'linode']) {
      for (const [symbol, value] of shipped(name)) {
        expect(seen.get(symbol) ?? value, `${symbol} in ${name}`).to.equal(value);
        seen.set(symbol, value);
      }
    }
  });
});
