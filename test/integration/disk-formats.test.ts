import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { run } from '../../lib/system/process';
import { workFolder } from '../helpers/gulp';
import { tinyHost } from '../helpers/tiny-host';

describe('a disk image in the formats of hypervisors and clouds', () => {
  const work = workFolder();
  const host = tinyHost(() => work.path());
  const release = (): string => host.path('build/tiny/current');
  const sum = (name: string): string =>
    createHash('sha256')
      .update(readFileSync(join(release(), name)))
      .digest('hex');
  before(async () => {
    host.configure({ install: { target: 'image', formats: ['qcow2', 'vhd'] } });
    const { code, output } = await host.task(['install']);
    expect(code, output).to.equal(0);
  });

  for (const [name, format] of [
    ['disk.qcow2', 'qcow2'],
    ['disk.vhd', 'vpc'],
  ] as const)
    it(`has in ${name} what the raw image has, and takes no more room`, async () => {
      const [raw, other] = [join(release(), 'disk.img'), join(release(), name)];
      await run('qemu-img', ['compare', '-f', 'raw', '-F', format, raw, other]);
      const { stdout } = await run('qemu-img', ['info', '-f', format, '--output', 'json', other]);
      const { stdout: plain } = await run('qemu-img', ['info', '-f', 'raw', '--output', 'json', raw]);
      const [made, wanted] = [stdout, plain].map((text) => JSON.parse(text));
      expect(made['virtual-size']).to.equal(wanted['virtual-size']);
      expect(made['actual-size']).to.be.below(wanted['actual-size'] * 1.1 + 2 ** 20);
    });

  it('is the same bytes when it is made again, and part of the sums', async () => {
    const before = [sum('disk.qcow2'), sum('disk.vhd')];
    const { code, output } = await host.task(['install', '--force', 'install']);
    expect(code, output).to.equal(0);
    expect([sum('disk.qcow2'), sum('disk.vhd')]).to.deep.equal(before);
    const sums = readFileSync(join(release(), 'SHA256SUMS'), 'utf8');
    expect(sums).to.contain(`${before[0]}  disk.qcow2\n`).and.contain(`${before[1]}  disk.vhd\n`);
  });
});
