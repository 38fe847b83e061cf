import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { run } from '../../lib/system/process';
import { gulp, workFolder } from '../helpers/gulp';

/** What reaching the root, and Docker's network, are made of: everything of it that can be a module is one. */
const MODULES = `CONFIG_MODULES=y
CONFIG_MODULE_UNLOAD=y
CONFIG_SQUASHFS=m
CONFIG_OVERLAY_FS=m
CONFIG_BLK_DEV_LOOP=m
CONFIG_EXT4_FS=m
CONFIG_VIRTIO_PCI=m
CONFIG_VIRTIO_BLK=m
CONFIG_VIRTIO_NET=m
CONFIG_VETH=m
CONFIG_BRIDGE=m
CONFIG_BRIDGE_NETFILTER=m
CONFIG_NF_TABLES_BRIDGE=m
`;

describe('a kernel of its own with modules', () => {
  const work = workFolder();

  it('is built, finds its root by the modules in the initramfs, and runs containers', async () => {
    writeFileSync(work.path('modules.config'), MODULES);
    writeFileSync(
      work.path('dock0.yaml'),
      `include: dock0
kernel:
  fragments: !append [./modules.config]
  revision: -modules
`,
    );
    const { code, output } = await gulp(['verify'], { cwd: work.path() });
    expect(code, output).to.equal(0);
    const release = work.path('build/dock0/current');
    const report = JSON.parse(readFileSync(join(release, 'verify.json'), 'utf8'));
    expect(report.passed, JSON.stringify(report, null, 2)).to.equal(true);
    const { stdout } = await run('unsquashfs', [
      '-ls',
      '-d',
      '',
      join(release, 'layers/20-modules.squashfs'),
    ]);
    expect(stdout)
      .to.match(/^\/usr\/lib\/modules\/[^/]+-modules\/kernel\/fs\/squashfs\/squashfs\.ko$/m)
      .and.match(/^\/usr\/lib\/modules\/[^/]+\/modules\.dep$/m);
  });
});
