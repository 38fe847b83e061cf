import { existsSync } from 'node:fs';
import { expect } from 'chai';
import { type GulpResult, gulp, PROJECT, stepsThatRan, workFolder } from '../helpers/gulp';
import { reportOf } from '../helpers/verified';

describe('configs/dock0.yaml, the host with a kernel of its own', () => {
  const work = workFolder();
  const task = (name: string): Promise<GulpResult> => {
    // It is compiled once: a compiler cache would only be filled.
    const set = ['verify.timeout=1200', 'kernel.make.launcher=none'].flatMap((each) => ['--set', each]);
    return gulp([name, '--config', `${PROJECT}/configs/dock0.yaml`, ...set], { cwd: work.path() });
  };

  it('is compiled without modules, and runs containers', async () => {
    const { code, output } = await task('verify');
    expect(code, output).to.equal(0);
    const [first] = reportOf(work.path('build/dock0')).boots;
    console.log(`      ${JSON.stringify(first?.versions)}`);
    expect(first?.versions.kernel).to.match(/^\d+\.\d+\.\d+-dock0$/);
    expect(existsSync(work.path('build/dock0/current/layers/20-modules.squashfs'))).to.equal(false);
  });

  it('has all that Docker needs of a kernel', async () => {
    const { code, output } = await task('kernel:check');
    expect(code, output).to.equal(0);
  });

  it('is not compiled again when nothing changed', async () => {
    const { code, output } = await task('kernel');
    expect(code, output).to.equal(0);
    expect(stepsThatRan(output)).to.deep.equal([]);
  });
});
