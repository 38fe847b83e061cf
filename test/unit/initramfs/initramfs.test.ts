import { buffer } from 'node:stream/consumers';
import { expect } from 'chai';
import { type InitramfsParts, initramfsEntries } from '../../../lib/initramfs/content';
import { findHooks } from '../../../lib/initramfs/hooks';
import { stateTable } from '../../../lib/initramfs/tables';
import { createTable, volumePrograms, volumesTable } from '../../../lib/initramfs/volumes';
import { specOf } from '../../../lib/release/cmdline';
import type { Entry } from '../../../lib/streams/entry';

const parts = (more: Partial<InitramfsParts> = {}): InitramfsParts => ({
  hooks: findHooks(['dock0'], []),
  additions: [{ kind: 'symlink', path: '/usr/bin/sh', target: 'busybox' }],
  modules: undefined,
  volumes: { docker: { label: 'docker', path: '/var/lib/docker', type: 'ext4', options: ['rw', 'noatime'] } },
  timeout: 7,
  partitions: undefined,
  state: '',
  made: { by: 'dock0 9', of: "HOOKS=('dock0')\n" },
  ...more,
});

async function textOf(entries: Entry[], path: string): Promise<string> {
  const entry = entries.find((each) => each.path === path);
  if (entry?.type !== 'file') throw new Error(`${path} is no file`);
  return entry.content instanceof Uint8Array
    ? Buffer.from(entry.content).toString()
    : (await buffer(entry.content.open())).toString();
}

describe('an initramfs', () => {
  it('holds the first program, the hooks, the console and its configuration', async () => {
    const entries = initramfsEntries(parts());
    const paths = entries.map(({ path }) => path);
    expect(paths).to.include.members(['init', 'hooks/dock0', 'dev/console', 'config', 'etc/dock0/volumes']);
    expect(await textOf(entries, 'config')).to.equal(
      'MODULES=""\nDRIVERS=""\nEARLYHOOKS="dock0"\nHOOKS="dock0"\nLATEHOOKS=""\nCLEANUPHOOKS=""\n',
    );
    expect(await textOf(entries, 'etc/dock0/timeout')).to.equal('7\n');
    // What lsinitcpio shows of an image.
    expect(await textOf(entries, 'VERSION')).to.equal('dock0 9');
    expect(await textOf(entries, 'buildconfig')).to.equal("HOOKS=('dock0')\n");
    expect(await textOf(entries, 'etc/dock0/volumes')).to.equal(
      'docker\tLABEL=docker\t/var/lib/docker\text4\trw,noatime\n',
    );
  });

  it('is sorted by path, whatever order the hooks add things in', () => {
    const additions: InitramfsParts['additions'] = [
      { kind: 'directory', path: '/z', mode: 0o755 },
      { kind: 'directory', path: '/a', mode: 0o755 },
      { kind: 'symlink', path: '/usr/bin/sh', target: 'busybox' },
    ];
    const paths = initramfsEntries(parts({ additions })).map(({ path }) => path);
    expect(paths).to.deep.equal([...paths].sort());
    expect(
      initramfsEntries(parts({ additions: [...additions].reverse() })).map(({ path }) => path),
    ).to.deep.equal(paths);
  });

  it('puts files for /bin, /sbin and /lib where these links lead', () => {
    const source = __filename;
    const added = ['/sbin/a', '/bin/b', '/usr/sbin/c', '/lib/x86_64-linux-gnu/d', '/lib64/e', '/library/f'];
    const additions = added.map((path) => ({ kind: 'file' as const, source, path, mode: 0o755 }));
    const entries = initramfsEntries(parts({ additions: [...additions, ...parts().additions] }));
    const paths = entries
      .filter(({ type, path }) => type === 'file' && /\/[a-f]$/.test(path))
      .map(({ path }) => path);
    expect(paths).to.deep.equal([
      'library/f',
      'usr/bin/a',
      'usr/bin/b',
      'usr/bin/c',
      'usr/lib/x86_64-linux-gnu/d',
      'usr/lib64/e',
    ]);
  });

  it('has modules with an index that modprobe understands', async () => {
    const files = [
      { file: 'kernel/a.ko', source: __filename, needs: [] },
      { file: 'kernel/b.ko', source: __filename, needs: ['kernel/a.ko'] },
    ];
    const entries = initramfsEntries(
      parts({
        modules: { version: '6.1', files, load: ['b'], drivers: ['a'], cards: [], absent: 'pci:* c\n' },
      }),
    );
    expect(await textOf(entries, 'usr/lib/modules/6.1/modules.dep')).to.equal(
      'kernel/a.ko:\nkernel/b.ko: kernel/a.ko\n',
    );
    expect(await textOf(entries, 'config')).to.match(/^MODULES="b"\nDRIVERS="a"\n/);
    expect(await textOf(entries, 'etc/dock0/drivers')).to.equal('pci:* c\n');
    expect(entries.map(({ path }) => path)).to.include('usr/lib/modules/6.1/kernel/b.ko');
  });

  it('is refused when two hooks add different things at one path', () => {
    const additions: InitramfsParts['additions'] = [
      ...parts().additions,
      { kind: 'symlink', path: '/etc/x', target: 'one' },
      { kind: 'symlink', path: '/etc/x', target: 'two' },
    ];
    expect(() => initramfsEntries(parts({ additions }))).to.throw('two hooks add different things as /etc/x');
  });

  it('is refused without a shell', () => {
    expect(() => initramfsEntries(parts({ additions: [] }))).to.throw(/no hook adds \/bin\/sh/);
  });
});

describe('the table of volumes', () => {
  const volume = (path: string, more: object = {}) => ({
    label: 'x',
    path,
    type: 'ext4',
    options: ['rw'],
    ...more,
  });

  it('has a folder before what is mounted below it', () => {
    const table = volumesTable({ inner: volume('/data/inner'), outer: volume('/data') });
    expect(table).to.equal('outer\tLABEL=x\t/data\text4\trw\ninner\tLABEL=x\t/data/inner\text4\trw\n');
  });

  it('has the empty disks that volumes may be made on', () => {
    const made = volume('/data', { device: '/dev/vdb', create: true });
    expect(createTable({ data: made, more: volume('/more') })).to.equal('data\t/dev/vdb\text4\tx\n');
    expect(volumesTable({ data: made })).to.contain('data\tLABEL=x\t');
  });

  it('asks for the programs that its file systems need, and no others', () => {
    const programs = (volumes: object, cow: unknown = 'tmpfs', install: object = { volumes: {} }): string[] =>
      volumePrograms({ volumes, install: { cow, ...install } } as never);
    expect(programs({})).to.deep.equal([]);
    expect(programs({ a: volume('/a'), b: volume('/b', { type: 'btrfs' }) })).to.deep.equal(['e2fsck']);
    expect(programs({ a: volume('/a', { type: 'xfs', create: true }) })).to.deep.equal([
      'mkfs.xfs',
      'xfs_repair',
    ]);
    expect(programs({}, { label: 'cow' })).to.deep.equal(['e2fsck']);
    const onDisk = { target: 'image', layout: 'gpt', volumes: { a: { size: 'rest' } } };
    expect(programs({ a: volume('/a') }, 'tmpfs', onDisk)).to.deep.equal([
      'e2fsck',
      'mke2fs',
      'resize2fs',
      'sfdisk',
    ]);
  });

  it('has the volume of the state, and what it keeps', () => {
    const kept = {
      volume: 'data',
      ssh_host_keys: [],
      paths: ['/srv/x', { path: '/srv/a', kind: 'file' as const, mode: '0600' }],
    };
    const docker = { enabled: false } as never;
    const logs = { persistent: true } as never;
    expect(stateTable({ state: kept, docker, logs, volumes: { data: volume('/data') } as never })).to.equal(
      'data\nfile\t0600\t/srv/a\nfolder\t-\t/srv/x\nfolder\t-\t/var/lib/systemd\nfolder\t-\t/var/log/journal\n',
    );
    expect(
      stateTable({ state: { volume: 'none', ssh_host_keys: [], paths: [] }, docker, logs, volumes: {} }),
    ).to.equal('');
  });

  it('finds a volume by label, UUID or device', () => {
    expect(specOf({ label: 'data' })).to.equal('LABEL=data');
    expect(specOf({ uuid: '1234' })).to.equal('UUID=1234');
    expect(specOf({ device: '/dev/vdb' })).to.equal('/dev/vdb');
  });

  it('keeps spaces in paths and refuses what would break a line', () => {
    expect(volumesTable({ a: volume('/my data') })).to.contain('\t/my data\t');
    expect(() => volumesTable({ a: volume('/my\tdata') })).to.throw(/volumes\.a: .* contains a tab/);
  });
});
