import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect } from 'chai';
import { run } from '../../lib/system/process';
import type { VmDisk } from '../../lib/vm/qemu';
import {
  type Booted,
  bootTiny,
  emptyDisk,
  type LayerFile,
  type Made,
  makeInitramfs,
  tinyDisk,
} from '../helpers/initramfs-machine';

/** Says who the machine is, and does what a machine does: makes keys, and writes to what is kept. */
const INIT = `#!/bin/busybox sh
bb=/bin/busybox
say() { echo "fact: $*"; }
say id $($bb cat /etc/machine-id)
say mode $($bb stat -c %a /etc/machine-id)
for file in /etc/ssh/ssh_host_* /srv/kept/* /srv/one /var/lib/systemd/*; do
  [ -f $file ] && say file $file $($bb cat $file)
done
say mode-of-one $($bb stat -c %a /srv/one)
store=/run/dock0/state
if [ -d $store ]; then
  say store $($bb stat -c %a $store) $($bb ls $store)
  $bb mkdir -p $store/ssh && echo key >$store/ssh/ssh_host_ed25519_key
fi
echo written >/srv/kept/new
echo written >/srv/one
echo seed >/var/lib/systemd/random-seed
$bb sync
$bb poweroff -f
`;

const LAYERS: Record<string, Record<string, LayerFile>> = {
  '10-root': {
    'bin/busybox': 'busybox',
    'sbin/init': { run: INIT },
    'etc/ssh/sshd_config': '# none',
    'etc/machine-id': 'of the image',
    'srv/kept/old': 'of the image',
    'var/lib/systemd/catalog': 'of the image',
  },
};

const CMDLINE = 'dock0.root=LABEL=tiny dock0.release=current';

describe('the state of a machine', () => {
  let folder: string;
  let made: Made;
  let root: VmDisk;
  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'dock0-state-'));
    made = await makeInitramfs(folder, {
      volumes: { docker: null, data: { label: 'data', path: '/data' } },
      state: { volume: 'data', paths: ['/srv/kept', { path: '/srv/one', kind: 'file', mode: '0600' }] },
    });
    root = await tinyDisk(folder, 'tiny', LAYERS);
  });
  after(() => rmSync(folder, { recursive: true }));

  const disk = (name: string, from?: string): Promise<VmDisk> => emptyDisk(join(folder, name), 'data', from);
  const boot = (data: VmDisk[], words = ''): Promise<Booted> =>
    bootTiny(folder, made, `${CMDLINE} ${words}`, [root, ...data]);
  const said = ({ console }: Booted): string => console.join('\n');
  const idOf = ({ facts }: Booted): string => facts('id')[0] as string;

  it('is the same after an update and a rollback: machine-id, SSH host keys, the random seed, folders and files', async () => {
    const data = await disk('same.img');
    const first = await boot([data]);
    expect(idOf(first), said(first)).to.match(/^[0-9a-f]{32}$/);
    expect(first.facts('mode')).to.deep.equal(['444']);
    expect(first.facts('mode-of-one')).to.deep.equal(['600']);
    expect(first.facts('file')).to.deep.equal([
      '/srv/kept/old of the image',
      '/srv/one',
      '/var/lib/systemd/catalog of the image',
    ]);
    expect(first.facts('store')).to.deep.equal(['700 machine-id root']);
    const newer = {
      '10-root': { ...LAYERS['10-root'], 'srv/kept/old': 'of the newer image', 'srv/kept/added': 'x' },
    };
    const updated = await tinyDisk(folder, 'tiny', newer, 'r2');
    const second = await bootTiny(folder, made, CMDLINE, [updated, data]);
    for (const after of [second, await boot([data])]) {
      expect(idOf(after), said(after)).to.equal(idOf(first));
      expect(after.facts('file')).to.deep.equal([
        '/etc/ssh/ssh_host_ed25519_key key',
        '/srv/kept/new written',
        '/srv/kept/old of the image',
        '/srv/one written',
        '/var/lib/systemd/catalog of the image',
        '/var/lib/systemd/random-seed seed',
      ]);
      expect(said(after)).to.contain('state kept on the volume data');
    }
  });

  it('is new at each boot without its volume, which the console says', async () => {
    const booted = await boot([await disk('none.img')], 'dock0.volume.data=none');
    expect(said(booted)).to.match(
      /WARNING: the volume data is not mounted: machine-id and SSH host keys are new at each boot/,
    );
    expect(idOf(booted)).to.equal('of the image');
  });

  it('does not stop the boot where the volume is full', async () => {
    const data = await disk('full.img');
    // debugfs fills it, root's reserve included.
    execFileSync('tune2fs', ['-m', '0', data.file], { stdio: 'ignore' });
    const filler = join(folder, 'filler');
    writeFileSync(filler, '');
    truncateSync(filler, 0);
    writeFileSync(filler, Buffer.alloc(64 << 20, 1));
    await run('debugfs', ['-w', '-R', `write ${filler} filler`, data.file]).catch(() => undefined);
    const booted = await boot([data]);
    expect(said(booted)).to.match(/WARNING: .*(full or read-only)/);
    expect(booted.facts('id'), said(booted)).to.have.length(1);
  });

  const kept = (files: Record<string, string>): string => {
    const tree = mkdtempSync(join(folder, 'tree-'));
    for (const [name, content] of Object.entries(files)) {
      const file = join(tree, '.dock0-state', name);
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, content);
    }
    return tree;
  };
  const ID = '0123456789abcdef0123456789abcdef';

  it('does not stop the boot where the volume is read-only, and is what it was', async () => {
    const data = await disk('read-only.img', kept({ 'machine-id': `${ID}\n` }));
    const booted = await boot([data], 'dock0.volume.data=LABEL=data:/data:ext4:ro');
    expect(idOf(booted), said(booted)).to.equal(ID);
  });

  it('gets a new machine-id where the one that was kept is empty, cut off, or of another form', async () => {
    const data = await disk('damaged.img', kept({ 'machine-id': '' }));
    const ids = [];
    for (const content of ['', ID.slice(16), 'not an id\n']) {
      const file = join(folder, 'id');
      writeFileSync(file, content);
      // Replays the journal, which would take the change back; it ends with 1 where it did so.
      await run('e2fsck', ['-p', data.file]).catch(() => undefined);
      await run('debugfs', ['-w', '-f', '-', data.file], {
        input: `cd /.dock0-state\nrm machine-id\nwrite ${file} machine-id\n`,
      });
      const booted = await boot([data]);
      expect(idOf(booted), said(booted)).to.match(/^[0-9a-f]{32}$/);
      ids.push(idOf(booted));
    }
    expect(new Set(ids).size).to.equal(3);
    expect(idOf(await boot([data]))).to.equal(ids[2]);
  });

  it('leaves the host keys alone that the release has, and keeps the others', async () => {
    const layers = { ...LAYERS, '40-host': { 'etc/ssh/ssh_host_ed25519_key': 'of the release' } };
    const own = await tinyDisk(folder, 'tiny', layers, 'r2');
    const names = ['ssh_host_ed25519_key', 'ssh_host_rsa_key'];
    const files = Object.fromEntries(names.map((name) => [`ssh/${name}`, 'of the state\n']));
    const data = await disk('keys.img', kept(files));
    const booted = await bootTiny(folder, made, CMDLINE, [own, data]);
    expect(booted.facts('file'), said(booted)).to.include.members([
      '/etc/ssh/ssh_host_ed25519_key of the release',
      '/etc/ssh/ssh_host_rsa_key of the state',
    ]);
  });

  it('does not stop the boot where the file system of its volume is damaged, and the machine may go on without', async () => {
    const data = await disk('broken.img');
    await run('debugfs', ['-w', '-f', '-', data.file], {
      input: 'sif <2> mode 0100644\nssv state 2\n',
    });
    const booted = await boot([data], 'dock0.volume.data=LABEL=data:/data:ext4:nofail');
    expect(said(booted)).to.match(/skipping volume data: .*it is damaged, and e2fsck -p cannot repair it/);
    expect(said(booted)).to.contain('WARNING: the volume data is not mounted');
    expect(booted.facts('id'), said(booted)).to.have.length(1);
  });

  it('does not stop the boot where the disk of its volume is gone, and the machine may go on without', async () => {
    const booted = await boot([], 'dock0.timeout=3 dock0.volume.data=LABEL=data:/data:ext4:nofail');
    expect(said(booted)).to.match(/skipping volume data: no disk matches LABEL=data/);
    expect(said(booted)).to.contain('WARNING: the volume data is not mounted');
    expect(booted.facts('id'), said(booted)).to.have.length(1);
  });

  it('is that of the machine that its volume comes from', async () => {
    const files = { 'machine-id': `${ID}\n`, 'ssh/ssh_host_ed25519_key': 'of the other machine\n' };
    const booted = await boot([await disk('other.img', kept(files))]);
    expect(idOf(booted), said(booted)).to.equal(ID);
    expect(booted.facts('file')).to.include('/etc/ssh/ssh_host_ed25519_key of the other machine');
  });

  it('follows no link that is in its place', async () => {
    const tree = mkdtempSync(join(folder, 'tree-'));
    execFileSync('ln', ['-s', '/data', join(tree, '.dock0-state')]);
    const booted = await boot([await disk('link.img', tree)]);
    expect(said(booted)).to.contain('takes no folder .dock0-state');
    expect(booted.facts('id')).to.have.length(1);
  });
});
