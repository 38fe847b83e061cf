import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect } from 'chai';
import { baseOf } from '../../lib/kernel/base';
import { requireNeeds } from '../../lib/kernel/check';
import { checkTaken, configure } from '../../lib/kernel/configure';
import { needsOf } from '../../lib/kernel/needs';
import { collectRequests } from '../../lib/kernel/requests';
import { originOf } from '../../lib/kernel/source/origin';
import { prepareTree } from '../../lib/kernel/source/tree';
import type { Workshop } from '../../lib/kernel/workshop';
import { PROJECT, SHARED_CACHE } from '../helpers/gulp';
import { failure, imageOf, sourceContext, type TestWork, testWork } from '../unit/kernel/support';

/** Linux itself, out of Debian's packages; nothing but its own tools is compiled. */
describe('the configuration of a kernel from the source of Linux', function () {
  this.timeout(600_000);
  let work: TestWork;
  before(() => {
    work = testWork();
  });
  after(() => work.remove());

  /** Sources are unpacked once for all runs of the tests; objects are of this run alone. */
  const shopOf = async (debian: string): Promise<Workshop> => {
    const context = sourceContext({ ...work, cache: SHARED_CACHE }, { debian });
    const tree = await prepareTree(await originOf(context), [], context);
    const objects = join(work.root, debian, 'objects');
    mkdirSync(dirname(objects), { recursive: true });
    const how = { epoch: tree.epoch, launcher: 'none', jobs: 'auto', programs: [] } as const;
    return { tree, objects, ...how, cache: work.cache };
  };

  it("can start from the source's own defaults, and from a .config whose modules are signed", async () => {
    const requests = collectRequests([], { SQUASHFS: 'y' }, '-test');
    const shop = await shopOf('linux-source-6.1');
    const def = await configure(shop, baseOf('def'), requests, work);
    expect(Object.fromEntries(def.config)).to.include({ NET: 'y', MODULES: 'y', SQUASHFS: 'y' });
    const file = join(work.root, 'signed.config');
    const signed = ['MODULE_SIG', 'MODULE_SIG_ALL', 'SECURITY', 'SECURITY_LOCKDOWN_LSM', 'EXT2_FS'];
    writeFileSync(file, `${def.text}${signed.map((symbol) => `CONFIG_${symbol}=y\n`).join('')}`);
    work.renew();
    const own = await configure(shop, baseOf(file), requests, work);
    expect(Object.fromEntries(own.config)).to.include({ NET: 'y', EXT2_FS: 'y', SQUASHFS: 'y' });
    for (const symbol of ['MODULE_SIG', 'MODULE_SIG_ALL', 'SECURITY_LOCKDOWN_LSM'])
      expect(own.config.get(symbol) ?? 'n', symbol).to.equal('n');
  });

  it('names an option that this source refuses, or does not know', async () => {
    const options = { NF_NAT: 'y', SQUASHFSS: 'y', CRC32: 'n', EXT4_FS: 'y' };
    const requests = collectRequests([], options, '-test');
    const shop = await shopOf('linux-source-6.1');
    work.renew();
    const configured = await configure(shop, baseOf('tiny'), requests, work);
    const error = await failure(() => checkTaken(configured, requests, shop.tree.path));
    expect(error.message).to.contain("CONFIG_NF_NAT=y can't be set (it is n): needs NET (it is n)");
    expect(error.message).to.contain('does not know the symbol; did you mean SQUASHFS?');
  });

  for (const source of ['linux-source-6.1', 'linux-source-6.12']) {
    it(`sets all that the shipped fragments ask for, for each kind of machine: ${source}`, async () => {
      const shop = await shopOf(source);
      for (const machine of [['kvm'], ['kvm', 'xen'], ['metal'], ['kvm', 'linode']]) {
        const fragments = ['boot', 'squashfs', 'docker', ...machine].map((fragment) => ({
          name: `${fragment}.config`,
          text: readFileSync(join(PROJECT, 'configs/kernel', `${fragment}.config`), 'utf8'),
        }));
        const requests = collectRequests(fragments, {}, '-dock0');
        for (const base of ['allno', 'tiny']) {
          work.renew();
          const configured = await configure(shop, baseOf(base), requests, work);
          checkTaken(configured, requests, shop.tree.path);
          requireNeeds(configured.config, needsOf(imageOf()), machine.join());
          // The default for 64 bits, which the base does not have yet.
          expect(configured.config.get('FRAME_WARN')).to.equal('2048');
        }
      }
    });
  }
});
