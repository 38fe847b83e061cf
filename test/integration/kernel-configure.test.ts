import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { baseOf } from '../../lib/kernel/base';
import { checkTaken, configure } from '../../lib/kernel/configure';
import { collectRequests } from '../../lib/kernel/requests';
import { linuxShop } from '../helpers/linux-shop';
import { failure, type TestWork, testWork } from '../unit/kernel/support';

/** Linux itself, out of Debian's packages; nothing but its own tools is compiled. */
describe('the configuration of a kernel from the source of Linux', function () {
  this.timeout(600_000);
  let work: TestWork;
  before(() => {
    work = testWork();
  });
  after(() => work.remove());

  it("can start from the source's own defaults, and from a .config whose modules are signed", async () => {
    const requests = collectRequests([], { SQUASHFS: 'y' }, '-test');
    const shop = await linuxShop(work, 'linux-source-6.1');
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
    const shop = await linuxShop(work, 'linux-source-6.1');
    work.renew();
    const configured = await configure(shop, baseOf('tiny'), requests, work);
    const error = await failure(() => checkTaken(configured, requests, shop.tree.path));
    expect(error.message).to.contain("CONFIG_NF_NAT=y can't be set (it is n): needs NET (it is n)");
    expect(error.message).to.contain('does not know the symbol; did you mean SQUASHFS?');
  });
});
