import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { findings, requireNeeds, table } from '../../../lib/kernel/check';
import type { Kconfig } from '../../../lib/kernel/kconfig';
import { NEEDS } from '../../../lib/kernel/needs';
import { collectRequests } from '../../../lib/kernel/requests';
import { failure } from './support';

/** What the named fragments that are shipped ask for. */
function shipped(...names: string[]): Kconfig {
  const folder = join(__dirname, '../../../configs/kernel');
  const fragments = names.map((name) => ({
    name,
    text: readFileSync(join(folder, `${name}.config`), 'utf8'),
  }));
  return new Map([...collectRequests(fragments)].map(([symbol, { value }]) => [symbol, value]));
}

describe('the check of a kernel', () => {
  it('is met in every point by the fragments that are shipped for it', () => {
    const missing = findings(shipped('boot', 'squashfs', 'docker')).filter(({ by }) => by === undefined);
    expect(missing.map(({ need }) => need.symbols.join('|'))).to.deep.equal([]);
  });

  it('refuses a kernel that lacks something necessary, names all of it and says what for', async () => {
    const config = shipped('boot', 'squashfs', 'docker');
    config.delete('SQUASHFS');
    config.set('OVERLAY_FS', 'n');
    const error = await failure(() => requireNeeds(config, 'linux 6.1'));
    expect(error.message).to.match(/^linux 6\.1 lacks/);
    expect(error.message).to.contain('CONFIG_SQUASHFS: the read-only root').and.contain('CONFIG_OVERLAY_FS');
    expect(error.message.split('\n')).to.have.length(3);
  });

  it('accepts a kernel that lacks only what is optional', () => {
    const config: Kconfig = new Map(
      NEEDS.filter(({ necessary }) => necessary).map(({ symbols }) => [symbols[0] as string, 'm']),
    );
    expect(() => requireNeeds(config, 'x')).not.to.throw();
  });

  it('takes any one of several symbols that give the same', () => {
    const of = (symbol: string): string | undefined =>
      findings(new Map([[symbol, 'y']])).find(({ need }) => need.symbols.includes('IP_NF_IPTABLES'))?.by;
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
      ),
    );
    expect(text).to.match(/^SquashFS$/m);
    expect(text).to.match(/SQUASHFS +necessary +built in/);
    expect(text).to.match(/OVERLAY_FS +necessary +module/);
    expect(text).to.match(/VETH +necessary +MISSING/);
    expect(text).to.match(/DUMMY +optional +absent/);
    expect(text).to.match(/necessary: 2 there, \d+ missing; optional: 0 there, \d+ absent$/);
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
