import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { baseOf } from '../../lib/kernel/base';
import { requireNeeds } from '../../lib/kernel/check';
import { checkTaken, configure } from '../../lib/kernel/configure';
import { needsOf } from '../../lib/kernel/needs';
import { collectRequests } from '../../lib/kernel/requests';
import { PROJECT } from '../helpers/gulp';
import { linuxShop } from '../helpers/linux-shop';
import { imageOf, type TestWork, testWork } from '../unit/kernel/support';

/** One of them is compiled and booted among the tests of each run. */
describe('the fragments of configs/kernel', () => {
  let work: TestWork;
  before(() => {
    work = testWork();
  });
  after(() => work.remove());

  for (const source of ['linux-source-6.1', 'linux-source-6.12']) {
    it(`are taken as a whole for each kind of machine: ${source}`, async () => {
      const shop = await linuxShop(work, source);
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
