import { expect } from 'chai';
import { crashedInEmulation } from '../../../lib/vm/verify-boot';
import type { BootReport } from '../../../lib/vm/verify-report';

describe('a boot that ends by a kernel panic', () => {
  const boot = (stopped: string, milestones: BootReport['milestones'] = {}) => ({
    checks: [],
    versions: {},
    stopped,
    milestones,
  });
  const crash = boot('Kernel panic - not syncing: Fatal exception in interrupt');

  it('may be tried again where the emulated kernel crashed before the initramfs', () => {
    expect(crashedInEmulation({ report: crash, accelerator: 'tcg' })).to.equal(true);
  });

  it('is not tried again on real processors, after the start of the initramfs, or where nothing could be started', () => {
    expect(crashedInEmulation({ report: crash, accelerator: 'kvm' })).to.equal(false);
    const later = boot('Kernel panic - not syncing: Attempted to kill init!', { kernel: 0.4, init: 1.2 });
    const noRoot = boot('Kernel panic - not syncing: VFS: Unable to mount root fs on unknown-block(0,0)');
    const noInit = boot('Kernel panic - not syncing: No working init found.');
    for (const report of [later, noRoot, noInit, boot('timed out after 600 s (verify.timeout)')])
      expect(crashedInEmulation({ report, accelerator: 'tcg' }), report.stopped).to.equal(false);
  });
});
