import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { serveFolder } from '../../lib/vm/serve';
import { bootTiny, type Made, makeInitramfs, tinyBase } from '../helpers/initramfs-machine';
import { tinyNetboot } from '../helpers/netboot';

describe('a machine that boots over the network', () => {
  let folder: string;
  let made: Made;
  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'dock0-netboot-'));
    made = await makeInitramfs(folder, { install: { target: 'netboot' } });
  });
  after(() => rmSync(folder, { recursive: true }));
  afterEach(() => rmSync(join(folder, 'release'), { recursive: true }));

  it('fetches the layers into memory, and stacks them as from a disk', async () => {
    const layers = { '10-low': tinyBase(), '20-high': { 'etc/both': 'of the higher layer' } };
    const netbooted = await tinyNetboot(folder, made, layers);
    const server = await serveFolder(netbooted.folder);
    const { console, facts } = await bootTiny(
      folder,
      netbooted.made,
      `dock0.root=http://10.0.2.2:${server.port}/ dock0.release=current`,
      [],
    ).finally(server.close);
    globalThis.console.log(console.join('\n'));
    expect(facts('init'), console.join('\n')).to.have.length(1);
  });
});
