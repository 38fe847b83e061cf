import { type ExecFileSyncOptions, execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { findTool } from '../../lib/system/find-tool';
import { run } from '../../lib/system/process';
import {
  bootTiny,
  emptyDisk,
  type Made,
  makeInitramfs,
  tinyBase,
  tinyDisk,
} from '../helpers/initramfs-machine';

const QUIET: ExecFileSyncOptions = { stdio: ['ignore', 'pipe', 'ignore'] };

describe('the initramfs', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'dock0-initramfs-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const archiveOf = async ({ initramfs }: Made, unpack: string): Promise<string> => {
    const file = join(folder, 'archive');
    const image = join(initramfs.path, 'initramfs.img');
    writeFileSync(
      file,
      unpack === 'cat' ? readFileSync(image) : execFileSync(unpack, ['-dc', image], { maxBuffer: 1 << 26 }),
    );
    return file;
  };

  it('is an archive that all cpio programs read the same, with any compression', async () => {
    const listings = new Map<string, string>();
    for (const [compression, unpack] of [
      ['zstd', 'zstd'],
      ['gzip', 'gzip'],
      ['none', 'cat'],
    ] as const) {
      const file = await archiveOf(await makeInitramfs(folder, { initramfs: { compression } }), unpack);
      listings.set(compression, execFileSync('busybox', ['cpio', '-tv', '-F', file], QUIET).toString());
      for (const tool of ['cpio', 'bsdcpio'].filter((name) => findTool(name) !== undefined)) {
        const names = execFileSync(tool, ['-t', '-F', file], QUIET).toString();
        expect(names, tool).to.equal(execFileSync('busybox', ['cpio', '-t', '-F', file], QUIET).toString());
      }
    }
    // It names the compression.
    const others = [...listings.values()].map((each) => each.replace(/.* buildconfig\n/, ''));
    expect(new Set(others)).to.have.length(1);
    const listing = listings.get('none') ?? '';
    expect(listing).to.match(/-rwxr-xr-x .* init\n/);
    expect(listing).to.match(/crw------- .* dev\/console\n/);
    expect(listing).to.match(/usr\/lib\/modules\/.*\/squashfs\.ko\n/);
    expect(listing).to.match(/usr\/bin\/busybox\n/);
  });

  it('is small: it has what is needed to reach the root, and no network, sound or graphics', async () => {
    // Without the programs that divide a disk.
    const made = await makeInitramfs(folder, { install: { layout: 'filesystem' } });
    const names = execFileSync(
      'busybox',
      ['cpio', '-t', '-F', await archiveOf(made, 'zstd')],
      QUIET,
    ).toString();
    expect(names).not.to.match(/\/(net|sound|gpu)\//);
    expect(statSync(join(made.initramfs.path, 'initramfs.img')).size).to.be.lessThan(2.5 * 2 ** 20);
  });

  it('is smaller than 1.5 MiB with a kernel that has everything built in', async () => {
    const { kernel } = await makeInitramfs(folder, {});
    const settings = { provider: 'file', file: join(kernel.path, 'vmlinuz'), modules: 'none' };
    const made = await makeInitramfs(folder, { kernel: settings, install: { layout: 'filesystem' } });
    expect(statSync(join(made.initramfs.path, 'initramfs.img')).size).to.be.lessThan(1.5 * 2 ** 20);
    const archive = await archiveOf(made, 'zstd');
    const names = execFileSync('busybox', ['cpio', '-t', '-F', archive], QUIET).toString();
    expect(names).to.contain('init').and.not.match(/\.ko/);
  });

  it('stacks the layers in the order of their names, and starts the init of the stack', async () => {
    const hooks = join(folder, 'hooks');
    mkdirSync(hooks);
    const phases = ['early', '', 'late', 'cleanup'].map(
      (phase) =>
        `run_${phase}hook() { mkdir -p /run/said; echo "${phase || 'main'} of mine, $(my-tool)" > "/run/said/${phase || 'main'}"; }\n`,
    );
    writeFileSync(join(hooks, 'mine'), phases.join(''));
    writeFileSync(join(hooks, 'my-tool'), '#!/bin/sh\necho with its tool\n');
    writeFileSync(join(hooks, 'mine.install'), 'add_binary ./my-tool /usr/bin/my-tool\nadd_binary setpriv\n');
    const made = await makeInitramfs(folder, {
      initramfs: { hooks: ['base', 'mine', 'dock0'], hooks_dir: './hooks' },
      volumes: { docker: null, data: { label: 'data', path: '/data', options: ['rw', 'noatime'] } },
    });
    const disks = [
      await tinyDisk(folder, 'tiny', {
        '10-low': tinyBase(),
        '20-high': {
          'etc/both': 'of the higher layer',
          'etc/upper': 'of the higher layer',
          'etc/removed': 'whiteout',
        },
      }),
      await emptyDisk(join(folder, 'data.img'), 'data'),
    ];
    const { console, facts } = await bootTiny(
      folder,
      made,
      'dock0.root=LABEL=tiny dock0.release=current',
      disks,
    );
    expect(facts('init'), console.join('\n')).to.have.length(1);
    expect(facts('init')[0]).to.match(/^\/sbin\/init .*pid 1$/);
    expect(facts('file')).to.deep.equal([
      '/etc/lower of the lowest layer',
      '/etc/both of the higher layer',
      '/etc/upper of the higher layer',
    ]);
    const mounts = facts('mount');
    expect(mounts.find((mount) => mount.startsWith('/ '))).to.match(
      /^\/ overlay rw,.*lowerdir=\S*20-high:\S*10-low,/,
    );
    expect(mounts.filter((mount) => / squashfs ro,/.test(mount))).to.have.length(2);
    expect(mounts.find((mount) => mount.includes('dock0/disk'))).to.match(/ext4 ro,/);
    expect(mounts.find((mount) => mount.startsWith('/data '))).to.match(/^\/data ext4 rw,noatime/);
    expect(facts('wrote')).to.deep.equal(['root', 'data']);
    expect(facts('hook').sort()).to.deep.equal(
      ['cleanup', 'early', 'late', 'main'].map((phase) => `${phase} of mine, with its tool`),
    );
    expect(facts('env')[0]).not.to.match(/HOOKS|MODULES|dock0/);
    const milestones = console
      .filter((line) => line.startsWith('dock0: '))
      .map((line) => line.replace(/\[[0-9.]+\]/, '[s]'));
    expect(milestones).to.deep.equal([
      'dock0: [s] init started',
      'dock0: [s] root mounted: release r1, 2 layers, writes to tmpfs',
      'dock0: [s] volume data mounted: LABEL=data on /data',
      'dock0: [s] WARNING: no volume keeps the state: machine-id and SSH host keys are new at each boot',
      'dock0: [s] starting /sbin/init',
    ]);
  });

  it('keeps writes to the root on the disk that the command line names, a volume on another, and skips what may fail', async () => {
    const made = await makeInitramfs(folder, {});
    const disks = [
      await tinyDisk(folder, 'tiny', { '10-root': tinyBase() }),
      await emptyDisk(join(folder, 'writes.img'), 'writes'),
      await emptyDisk(join(folder, 'data.img'), 'data'),
    ];
    const uuid = (
      await run('blkid', ['-p', '-s', 'UUID', '-o', 'value', join(folder, 'writes.img')])
    ).stdout.trim();
    const words = `dock0.root=/dev/vda dock0.release=r1 dock0.cow=UUID=${uuid} dock0.volume.data=LABEL=data:/data:ext4:rw,noexec`;
    const first = await bootTiny(folder, made, words, disks);
    expect(first.facts('wrote'), first.console.join('\n')).to.deep.equal(['root', 'data']);
    const optional = [
      'dock0.timeout=1',
      'dock0.volume.gone=LABEL=gone:/gone:ext4:nofail',
      'dock0.volume.wrong=LABEL=writes:/wrong:xfs:x-systemd.growfs,defaults,nofail,noatime',
    ];
    const { console, facts } = await bootTiny(folder, made, [words, ...optional].join(' '), disks);
    expect(facts('file')).to.include.members(['/etc/kept again', '/data/kept again']);
    expect(console.join('\n')).to.contain('skipping volume gone: no disk matches LABEL=gone');
    expect(console.join('\n')).to.match(
      /skipping volume wrong: cannot mount .* as xfs with noatime: found ext /,
    );
    expect(facts('mount').find((mount) => mount.startsWith('/data '))).to.match(/noexec/);
    expect(console.join('\n')).to.contain(`root mounted: release r1, 1 layers, writes to UUID=${uuid}`);
  });

  it('names the missing disk and lists those that exist, and reboots if asked to', async () => {
    const made = await makeInitramfs(folder, {});
    const disks = [
      await tinyDisk(folder, 'tiny', { '10-root': tinyBase() }),
      await emptyDisk(join(folder, 'data.img'), 'data'),
    ];
    const { console } = await bootTiny(
      folder,
      made,
      'dock0.root=LABEL=tinny dock0.timeout=1 dock0.panic=reboot',
      disks,
    );
    const text = console.join('\n');
    expect(text).to.contain(
      'FAILED: no disk matches LABEL=tinny (dock0.root, the disk with the releases); waited 1 s',
    );
    expect(text).to.match(/\/dev\/vda, 32 MiB, ext LABEL=tiny UUID=[0-9a-f]{8}-[0-9a-f-]{27}/);
    expect(text).to.match(/\/dev\/vdb, 32 MiB, ext LABEL=data/);
    expect(text).to.contain('rebooting in 10 s');
  });

  it('takes the disk of its own release where another has the same label, and warns', async () => {
    const made = await makeInitramfs(folder, {});
    const disks = [
      await tinyDisk(folder, 'tiny', { '10-root': tinyBase() }, 'r0'),
      await tinyDisk(folder, 'tiny', { '10-root': tinyBase() }, 'r1'),
    ];
    const booted = async (words: string): Promise<string> =>
      (await bootTiny(folder, made, `dock0.root=LABEL=tiny ${words}`, disks)).console.join('\n');
    const own = await booted('dock0.release=current dock0.id=r1');
    expect(own, own).to.contain(
      'WARNING: LABEL=tiny is on /dev/vda as well; /dev/vdb is taken, it has release r1',
    );
    expect(own).to.contain('root mounted: release r1, 1 layers');
    const other = await booted('dock0.release=current dock0.id=r2');
    expect(other, other).to.contain('no disk that matches LABEL=tiny has release r2');
    expect(other).to.contain('WARNING: LABEL=tiny is on /dev/vdb as well; /dev/vda is taken\n');
    expect(other).to.contain('root mounted: release r0, 1 layers');
    expect(await booted('dock0.release=r1 dock0.id=r0')).to.contain('root mounted: release r1, 1 layers');
  });

  it('names the driver of a device that it lacks', async () => {
    const made = await makeInitramfs(folder, { initramfs: { modules: ['virtio_pci', 'virtio_blk'] } });
    const disk = await tinyDisk(folder, 'tiny', { '10-root': tinyBase() });
    const device = { name: 'scsi-hd,bus=c.0', on: ['pvscsi,id=c'] };
    const words = 'dock0.root=LABEL=tiny dock0.timeout=1 dock0.panic=reboot';
    const { console } = await bootTiny(folder, made, words, [{ ...disk, device }]);
    const text = console.join('\n');
    expect(text, text).to.match(
      /devices without a driver:\n(.*\n)* {2}0000:\S+, pci:v000015AD\S+: its driver is not in the initramfs; initramfs.modules: \[auto, vmw_pvscsi\] adds it\n/,
    );
    expect(text).to.contain('[auto, ata_generic, ata_piix] adds it');
  });

  it('names the releases that exist when the wanted one is missing, and a damaged layer', async () => {
    const made = await makeInitramfs(folder, {});
    const disk = await tinyDisk(folder, 'tiny', { '10-root': tinyBase() });
    const words = 'dock0.root=LABEL=tiny dock0.timeout=1 dock0.panic=reboot';
    const missing = await bootTiny(folder, made, `${words} dock0.release=r9`, [disk]);
    expect(missing.console.join('\n')).to.contain('FAILED: no release r9 on LABEL=tiny; found: current r1');
    const layer = join(folder, 'broken');
    writeFileSync(layer, Buffer.alloc(4096));
    await run('debugfs', ['-w', '-R', `write ${layer} dock0/r1/layers/20-broken.squashfs`, disk.file]);
    const damaged = await bootTiny(folder, made, words, [disk]);
    expect(damaged.console.join('\n')).to.match(/FAILED: cannot mount layer 20-broken of release r1:/);
  });
});
