import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { run } from '../../lib/system/process';
import { serveFolder } from '../../lib/vm/serve';
import {
  bootMachine,
  bootTiny,
  emptyDisk,
  type Made,
  makeInitramfs,
  tinyBase,
} from '../helpers/initramfs-machine';
import { faultyServer, tinyNetboot } from '../helpers/netboot';

const LAYERS = { '10-low': tinyBase(), '20-high': { 'etc/both': 'of the higher layer' } };

describe('a machine that boots over the network', () => {
  let folder: string;
  let made: Made;
  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'dock0-netboot-'));
    made = await makeInitramfs(folder, { install: { target: 'netboot' } });
  });
  after(() => rmSync(folder, { recursive: true }));
  afterEach(() => rmSync(join(folder, 'release'), { recursive: true }));

  const stacked = (facts: (kind: string) => string[], wrote: string[]): void => {
    expect(facts('init')).to.have.length(1);
    expect(facts('file')).to.include('/etc/both of the higher layer');
    const mounts = facts('mount');
    expect(mounts.filter((mount) => / squashfs ro,/.test(mount))).to.have.length(2);
    expect(mounts.find((mount) => mount.includes('dock0/disk'))).to.match(/dock0\/disk tmpfs ro,/);
    expect(facts('wrote')).to.deep.equal(wrote);
  };

  it('fetches the layers into memory, stacks them as from a disk, and mounts its volumes', async () => {
    const netbooted = await tinyNetboot(folder, made, LAYERS);
    const sums = await run('sha256sum', ['--check', '--strict', 'SHA256SUMS'], { cwd: netbooted.folder });
    expect(sums.stdout.trim().split('\n')).to.deep.equal(
      ['boot.ipxe', 'initramfs.img', 'layers/10-low.squashfs', 'layers/20-high.squashfs', 'vmlinuz'].map(
        (name) => `${name}: OK`,
      ),
    );
    const server = await serveFolder(netbooted.folder);
    const { console, facts } = await bootTiny(
      folder,
      netbooted.made,
      `dock0.root=http://10.0.2.2:${server.port}/ dock0.volume.data=LABEL=data:/data:ext4`,
      [await emptyDisk(join(folder, 'data.img'), 'data')],
    ).finally(server.close);
    stacked(facts, ['root', 'data']);
    expect(console.join('\n')).to.match(/eth0 has the address 10\.0\.2\.15\/24/);
    expect(console.join('\n')).to.match(/root mounted: release r1, 2 layers, writes to tmpfs/);
  });

  it('is started by iPXE with what the folder has, and nothing else', async () => {
    const netbooted = await tinyNetboot(folder, made, LAYERS);
    const server = await serveFolder(netbooted.folder);
    const bootfile = `http://10.0.2.2:${server.port}/boot.ipxe`;
    const { console, facts } = await bootMachine(folder, { bootfile }, { disks: [] }).finally(server.close);
    expect(console.join('\n')).to.contain(`from http://10.0.2.2:${server.port}/`);
    stacked(facts, ['root']);
  });

  it('does not start with a layer of which a bit is flipped, and names it', async () => {
    const netbooted = await tinyNetboot(folder, made, LAYERS);
    const layer = join(netbooted.folder, 'layers/20-high.squashfs');
    const bytes = readFileSync(layer);
    bytes[100] = (bytes[100] as number) ^ 1;
    rmSync(layer);
    writeFileSync(layer, bytes);
    const server = await serveFolder(netbooted.folder);
    const words = `dock0.root=http://10.0.2.2:${server.port} dock0.panic=reboot`;
    const { console, facts } = await bootTiny(folder, netbooted.made, words, []).finally(server.close);
    expect(facts('init')).to.deep.equal([]);
    const url = `http://10.0.2.2:${server.port}/layers/20-high.squashfs`;
    expect(console.join('\n')).to.match(
      new RegExp(
        `FAILED: ${url} is not the layer of this release: ${bytes.length} bytes with SHA-256 [0-9a-f]{64}; expected ${bytes.length} bytes with [0-9a-f]{64}\n`,
      ),
    );
  });

  it('says in one line that the server is gone, and lists its network cards', async () => {
    const netbooted = await tinyNetboot(folder, made, LAYERS);
    const gone = await faultyServer(() => undefined);
    gone.close();
    const words = `dock0.root=http://10.0.2.2:${gone.port}/ dock0.timeout=2 dock0.panic=reboot`;
    const { console } = await bootTiny(folder, netbooted.made, words, []);
    expect(console.join('\n')).to.match(
      new RegExp(
        `FAILED: cannot fetch http://10.0.2.2:${gone.port}/layers/10-low.squashfs: .*\ndock0: .* network cards found:\n {2}eth0, 52:54:00:12:34:56, virtio_net, link\n`,
      ),
    );
  });
});
