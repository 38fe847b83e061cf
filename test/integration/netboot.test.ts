import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { run } from '../../lib/system/process';
import { workFolder } from '../helpers/gulp';
import { tinyHost } from '../helpers/tiny-host';

describe('the folder of a release that machines boot from over the network', () => {
  const work = workFolder();
  const host = tinyHost(() => work.path());
  const release = (name = ''): string => join(host.path('build/tiny/current'), name);
  const install = async (...words: string[]): Promise<void> => {
    const { code, output } = await host.task(['install', ...words]);
    expect(code, output).to.equal(0);
  };
  const sum = (name: string): string =>
    createHash('sha256')
      .update(readFileSync(release(name)))
      .digest('hex');
  before(async () => {
    host.configure({ install: { target: 'netboot', url: 'http://192.0.2.1/tiny/' } });
    await install();
  });

  it('has all that a server needs, without taking the room of the layers twice', async () => {
    const layers = readdirSync(release('layers'));
    const inside = readdirSync(release('netboot'), { recursive: true, encoding: 'utf8' });
    const files = ['boot.ipxe', 'initramfs.img', 'layers', ...layers.map((name) => `layers/${name}`)];
    expect(inside.sort()).to.deep.equal(['SHA256SUMS', ...files, 'vmlinuz'].sort());
    for (const name of ['vmlinuz', ...layers.map((layer) => `layers/${layer}`)])
      expect(statSync(release(`netboot/${name}`)).ino, name).to.equal(statSync(release(name)).ino);
    await run('sha256sum', ['--check', '--strict', 'SHA256SUMS'], { cwd: release('netboot') });
  });

  it('is part of the sums of the release', async () => {
    await run('sha256sum', ['--check', '--strict', 'SHA256SUMS'], { cwd: release() });
    const sums = readFileSync(release('SHA256SUMS'), 'utf8');
    for (const name of ['boot.ipxe', 'initramfs.img', 'SHA256SUMS', 'vmlinuz'])
      expect(sums).to.contain(`${sum(`netboot/${name}`)}  netboot/${name}\n`);
  });

  it('has an initramfs that is that of the release, and the digests of its layers', async () => {
    const [own, more] = ['initramfs.img', 'netboot/initramfs.img'].map((name) => readFileSync(release(name)));
    if (own === undefined || more === undefined) throw new Error('unreachable');
    expect(more.subarray(0, own.length).equals(own)).to.equal(true);
    const text = more.subarray(own.length).toString('latin1');
    for (const name of readdirSync(release('layers')))
      expect(text).to.contain(
        `${sum(`layers/${name}`)} ${statSync(release(`layers/${name}`)).size} ${name}\n`,
      );
  });

  it('is the same bytes when it is made again, and another script when the place of the layers changes', async () => {
    const before = [sum('netboot/SHA256SUMS'), sum('netboot/initramfs.img')];
    await install('--force', 'install');
    expect([sum('netboot/SHA256SUMS'), sum('netboot/initramfs.img')]).to.deep.equal(before);
    expect(readFileSync(release('netboot/boot.ipxe'), 'utf8')).to.contain(
      'set dock0-url http://192.0.2.1/tiny/\n',
    );
    await install('--set', 'install.url=http://192.0.2.2/');
    expect(readFileSync(release('netboot/boot.ipxe'), 'utf8')).to.contain(
      'set dock0-url http://192.0.2.2/\n',
    );
  });
});
