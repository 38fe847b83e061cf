import { expect } from 'chai';
import { checkVia } from '../../../lib/vm/firmware';
import { cleanUp, load } from '../config/workspace';

describe('a machine that is started by a firmware', () => {
  afterEach(cleanUp);

  it('has a boot loader for that one', () => {
    const { install } = load({ 'dock0.yaml': 'install: {loader: systemd-boot}\n' }).base;
    expect(() => checkVia(install, 'bios')).to.throw(
      /^--via bios: install.loader is systemd-boot, which boots by UEFI only$/,
    );
    for (const via of ['uefi', 'direct'] as const) expect(() => checkVia(install, via)).to.not.throw();
    for (const via of ['bios', 'uefi'] as const)
      expect(() => checkVia({ ...install, loader: 'grub' }, via)).to.not.throw();
  });
});
