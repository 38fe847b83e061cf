import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { gulp, PROJECT, stepsThatRan, workFolder } from '../helpers/gulp';

describe('configs/dock0.yaml, the host with a kernel of its own', () => {
  const work = workFolder();
  const dock0 = (task: string, ...args: string[]): ReturnType<typeof gulp> =>
    gulp([task, '--config', join(PROJECT, 'configs/dock0.yaml'), ...args], { cwd: work.path() });

  it('is built from source, without modules, and runs containers', async () => {
    const { code, output } = await dock0('verify');
    expect(code, output).to.equal(0);
    const report = JSON.parse(readFileSync(work.path('build/dock0/current/verify.json'), 'utf8'));
    expect(report.passed, JSON.stringify(report, null, 2)).to.equal(true);
    expect(existsSync(work.path('build/dock0/current/layers/20-modules.squashfs'))).to.equal(false);
  });

  it('has all that Docker needs of a kernel', async () => {
    const { code, output } = await dock0('kernel:check');
    expect(code, output).to.equal(0);
  });

  it('is not compiled again when nothing changed', async () => {
    const { code, output } = await dock0('kernel');
    expect(code, output).to.equal(0);
    expect(stepsThatRan(output)).to.deep.equal([]);
  });
});
