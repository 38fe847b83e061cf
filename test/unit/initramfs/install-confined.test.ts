import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { expect } from 'chai';
import { findHooks } from '../../../lib/initramfs/hooks';
import { runInstallScript } from '../../../lib/initramfs/install-script';
import { run } from '../../../lib/system/process';
import { testFolder } from '../../helpers/folder';

describe("A user's install script", () => {
  const folder = testFolder();
  const planted = '/etc/dock0-planted';
  afterEach(() => rmSync(planted, { force: true }));

  it('can change nothing of this machine', async () => {
    const kernel = '/proc/sys/kernel/core_pattern';
    const before = readFileSync(kernel, 'utf8');
    writeFileSync(
      folder.path('nosy.install'),
      `for file in ${planted} ./planted ${kernel}; do
  (echo x > "$file") 2>/dev/null && add_dir "/written$file"
done
echo x > /tmp/mine && add_dir /tmp-works
mknod /tmp/disk b 8 0 2>/dev/null && add_dir /mknod-works
add_file nosy.install /nosy
`,
    );
    const { additions } = await runInstallScript(findHooks(['nosy'], [folder.path()])[0] as never, {
      run,
      root: '/',
    });
    expect(additions.map(({ path }) => path)).to.deep.equal(['/tmp-works', '/nosy']);
    expect(existsSync(planted)).to.equal(false);
    expect(existsSync(folder.path('planted'))).to.equal(false);
    expect(readFileSync(kernel, 'utf8')).to.equal(before);
  });
});
