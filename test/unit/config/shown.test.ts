import { join } from 'node:path';
import { expect } from 'chai';
import { packageFolder } from '../../../lib/config/paths';
import { shownConfig } from '../../../lib/config/shown';
import { loadConfig } from '../../helpers/config';

const text = (cwd: string, options: Parameters<typeof loadConfig>[0]): string => {
  const { base, envUsed } = loadConfig({ cwd, ...options });
  return JSON.stringify(shownConfig(base, envUsed, cwd));
};

describe('the configuration as manifests show it', () => {
  const dock0 = { files: [join(packageFolder(), 'configs/dock0.yaml')] };

  it('has no folder of this machine in it, and is the same from any working directory', () => {
    const inside = text(packageFolder(), dock0);
    expect(inside).to.equal(text('/tmp', dock0));
    expect(inside).to.contain('"gulp-dock0/configs/kernel/boot.config"').and.not.contain(packageFolder());
  });

  it('has no password hash, and names in place of values of the environment', () => {
    const reference = '$'.concat('{env:NAME_OF_IT}');
    const shown = text('/tmp', {
      ...dock0,
      set: ['root.password=$6$salt$abcdefgh', `hostname=${reference}`],
      env: { NAME_OF_IT: 'secretive' },
    });
    expect(shown).to.contain('"password":"a hash"').and.contain(reference);
    expect(shown).to.not.contain('abcdefgh').and.not.contain('secretive');
  });
});
