import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { appendArchive } from '../../lib/initramfs/append';
import { layersTable } from '../../lib/install/netboot';
import { verifyRelease } from '../../lib/vm/verify';
import { loadConfig } from '../helpers/config';
import { bootMachine, emptyDisk, type Made, makeInitramfs, tinyBase } from '../helpers/initramfs-machine';
import { tinyNetboot } from '../helpers/netboot';

const LAYERS = { '10-root': tinyBase() };

describe('a machine that does not come over the network', () => {
  let folder: string;
  let made: Made;
  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'dock0-netboot-'));
    made = await makeInitramfs(folder, { install: { target: 'netboot' } });
  });
  after(() => rmSync(folder, { recursive: true }));
  afterEach(() => rmSync(join(folder, 'release'), { recursive: true, force: true }));

  const said = async (
    initrd: string,
    words: string,
    has: Parameters<typeof bootMachine>[2] = { disks: [] },
  ): Promise<string> => {
    const kernel = join(made.kernel.path, 'vmlinuz');
    const cmdline = `quiet no_timer_check console=ttyS0 panic=-1 dock0.timeout=1 dock0.panic=reboot ${words}`;
    const { console } = await bootMachine(folder, { kernel, initrd, cmdline }, has);
    return console.join('\n');
  };

  it('has no network card', async () => {
    const { folder: served } = await tinyNetboot(folder, made, LAYERS);
    const text = await said(join(served, 'initramfs.img'), 'dock0.root=http://10.0.2.2/', {
      disks: [],
      cards: [],
    });
    expect(text).to.match(
      /FAILED: no network card: the machine has none, or the initramfs has no driver for it\ndock0: .* network cards found:\n {2}none\n/,
    );
  });

  it('gets no answer to DHCP', async () => {
    const { folder: served } = await tinyNetboot(folder, made, LAYERS);
    // A card that nothing is behind; it needs a disk to be beside.
    const disk = await emptyDisk(join(folder, 'release/data.img'), 'data');
    const device = { name: 'virtio-blk-pci', on: ['virtio-net-pci,romfile='] };
    const text = await said(join(served, 'initramfs.img'), 'dock0.root=http://10.0.2.2/', {
      disks: [{ ...disk, device }],
      cards: [],
    });
    expect(text).to.contain('FAILED: no network: no DHCP server answers on eth0; waited 1 s\n');
  });

  it('has not the card that it is to use', async () => {
    const { folder: served } = await tinyNetboot(folder, made, LAYERS);
    const words = 'dock0.root=http://10.0.2.2/ dock0.card=52:54:00:00:00:01';
    const text = await said(join(served, 'initramfs.img'), words);
    expect(text).to.match(
      /FAILED: no network card 52:54:00:00:00:01 \(dock0\.card\): .*\n.*\n {2}eth0, 52:54:00:12:34:56, virtio_net, no link\n/,
    );
  });

  it('has too little memory for the layers, and says so before it asks for them', async () => {
    const initrd = join(folder, 'large.img');
    const table = layersTable('r1', [
      { path: 'layers/10-root.squashfs', sha256: '0'.repeat(64), bytes: 500 << 20 },
    ]);
    await appendArchive(join(made.initramfs.path, 'initramfs.img'), initrd, [
      { type: 'file', path: 'etc/dock0/layers', mode: 0o644, content: Buffer.from(table) },
    ]);
    const text = await said(initrd, 'dock0.root=http://10.0.2.2/');
    expect(text).to.match(
      /FAILED: too little memory: the layers take 500 MiB and the system at least 64 MiB; \d+ of \d+ MiB are free\n/,
    );
    expect(text).not.to.contain('has the address');
  });

  it('has an initramfs without digests', async () => {
    const text = await said(join(made.initramfs.path, 'initramfs.img'), 'dock0.root=http://10.0.2.2/');
    expect(text).to.contain(
      'FAILED: this initramfs has no digests of layers: netboot/initramfs.img of the release has them\n',
    );
  });

  it('was started by something else than http, without a word of where the layers are', async () => {
    const { folder: served } = await tinyNetboot(folder, made, LAYERS);
    const text = await said(join(served, 'initramfs.img'), 'dock0.root=tftp://10.0.2.2/');
    expect(text).to.contain(
      'FAILED: dock0.root=tftp://10.0.2.2/: expected http://…, from where the layers are fetched; install.url sets it\n',
    );
  });

  it('has the initramfs of a release for disks', async () => {
    const forDisks = await makeInitramfs(folder, { install: { target: 'directory' } });
    const text = await said(join(forDisks.initramfs.path, 'initramfs.img'), 'dock0.root=http://10.0.2.2/');
    expect(text).to.contain(
      'FAILED: dock0.root=http://10.0.2.2/: expected LABEL=…, UUID=… or /dev/…; over http only the initramfs of install.target: netboot fetches a release\n',
    );
  });
});

describe('verify of a release for machines that boot over the network', () => {
  let folder: string;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'dock0-netboot-'));
  });
  after(() => rmSync(folder, { recursive: true }));

  it('starts it by iPXE, with the agent beside it', async () => {
    const made = await makeInitramfs(folder, { install: { target: 'netboot', url: 'http://192.0.2.1/' } });
    const { release } = await tinyNetboot(folder, made, LAYERS, { url: 'http://192.0.2.1/' });
    const config = loadConfig({ files: [join(folder, 'dock0.yaml')], cwd: folder }).base;
    const { signal } = new AbortController();
    const cache = join(folder, 'cache');
    const message = await verifyRelease({
      ...{ release, config, via: 'netboot', memory: '512M', cache, signal, log: () => undefined },
    }).then(
      () => 'nothing failed',
      (error: Error) => error.message,
    );
    // Its root has no systemd that would start the agent.
    expect(message).to.match(/- the machine turned off before the checks were done\n/);
    expect(message).to.match(/root mounted: release r1, 1 layers, writes to tmpfs\n/);
    const report = JSON.parse(readFileSync(join(release, 'verify.json'), 'utf8'));
    expect(report.machine.via).to.equal('netboot');
    expect(report.boots[0].milestones).to.have.keys('kernel', 'init', 'root mounted');
  });
});
