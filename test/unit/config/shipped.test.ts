import { join } from 'node:path';
import { expect } from 'chai';
import { packageFolder } from '../../../lib/config/paths';
import type { Config } from '../../../lib/config/schema';
import { loadConfig } from '../../helpers/config';
import { cleanUp, workspace } from './workspace';

/** The named files that are shipped, stacked, and what lies on top of them. */
function stacked(names: string[], top = ''): Config {
  const files = names.map((name) => join(packageFolder(), 'configs', `${name}.yaml`));
  return loadConfig({
    cwd: workspace({ 'top.yaml': `lock: none\n${top}` }),
    env: {},
    files: [...files, 'top.yaml'],
  }).base;
}

describe('the kernel of own-kernel.yaml', () => {
  afterEach(cleanUp);
  const { kernel } = stacked(['own-kernel']);

  it('changes nothing else of the host below it', () => {
    for (const name of ['default', 'arch']) {
      const host = stacked([name]);
      const both = stacked([name, 'own-kernel']);
      expect(host.kernel.provider).to.equal('package');
      expect(both).to.deep.equal({
        ...host,
        kernel: { ...kernel, package: host.kernel.package, cmdline: host.kernel.cmdline },
      });
    }
  });

  it('is the one of dock0.yaml', () => {
    expect(stacked(['dock0'])).to.deep.include({ name: 'dock0', kernel });
  });

  it('comes from kernel.org instead of a Debian package if a file on top sets that', () => {
    const { source } = stacked(
      ['arch', 'own-kernel'],
      'kernel: {source: {debian: ~, version: longterm}}\n',
    ).kernel;
    expect(source).to.include({ version: 'longterm' }).and.not.to.have.property('debian');
  });
});
