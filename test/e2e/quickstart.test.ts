import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { gulp, SHARED_CACHE, stepsThatRan, workFolder } from '../helpers/gulp';
import { leftovers } from '../helpers/leftovers';

describe('gulp quickstart', () => {
  const work = workFolder();
  const set = ['--set', 'verify.timeout=1200'];

  it('sets the host up, builds the default configuration and proves in a virtual machine that it runs containers', async () => {
    const { code, output } = await gulp(['quickstart', '--yes', ...set], { cwd: work.path() });
    expect(code, output).to.equal(0);
    const report = JSON.parse(readFileSync(work.path('build/dock0/current/verify.json'), 'utf8'));
    expect(report.passed, JSON.stringify(report, null, 2)).to.equal(true);
    expect(output).to.match(/kernel 6\.\S+, systemd 252\S*, docker \S+, containerd \S+, runc \S+$/m);
  });

  it('has a release that boots but that nothing was done for a second time', async () => {
    const { code, output } = await gulp(['build', ...set], { cwd: work.path() });
    expect(code, output).to.equal(0);
    expect(stepsThatRan(output), output).to.deep.equal([]);
  });

  it('says what takes the place in it, by package', async () => {
    const { code, output } = await gulp(['doctor', '--sizes'], { cwd: work.path() });
    expect(code, output).to.equal(0);
    expect(output).to.match(/ MiB +layers\/10-packages\.squashfs$/m);
    expect(output).to.match(/ MiB +docker\.io$/m);
    expect(output).to.match(/ MiB +\/usr\/sbin\/dockerd$/m);
  });

  it('leaves no mount, loop device, process or work folder behind', async () => {
    expect(await leftovers(work.path(), SHARED_CACHE)).to.deep.equal([]);
  });
});
