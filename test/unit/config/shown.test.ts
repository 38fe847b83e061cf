import { join } from 'node:path';
import { expect } from 'chai';
import { packageFolder } from '../../../lib/config/paths';
import { shownConfig, viewOf } from '../../../lib/config/shown';
import { loadConfig } from '../../helpers/config';

const text = (cwd: string, options: Parameters<typeof loadConfig>[0]): string => {
  const { base, outside } = loadConfig({ cwd, ...options });
  return JSON.stringify(shownConfig(base, outside, cwd));
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

describe('the configuration as templates and records have it', () => {
  const cwd = '/somewhere/project';
  const reference = '$'.concat('{env:TOKEN}');
  const HASH = '$6$salt$anything';
  const viewed = (token: string, key = 1) => {
    const { base, outside } = loadConfig({
      cwd: '/tmp',
      files: [join(packageFolder(), 'configs/default.yaml')],
      set: [`vars.text=a ${reference} b`, `vars.folder=${cwd}/overlay`, `root.password=${HASH}`],
      env: { TOKEN: token },
    });
    const view = viewOf(outside, [HASH], cwd, () => Buffer.alloc(32, key));
    return { seen: view.of(base), record: JSON.stringify(view.record(view.of(base))) };
  };

  it('has values of the environment for templates, and no path of this machine', () => {
    const { seen } = viewed('secretive');
    expect(seen.vars).to.deep.equal({ text: 'a secretive b', folder: 'overlay' });
  });

  it('has only what JSON has, so that a record tells any two of them apart', () => {
    const { base, outside } = loadConfig({
      cwd: '/tmp',
      files: [join(packageFolder(), 'configs/default.yaml')],
      set: ['vars.list=[.nan, .inf, null, 1.5]'],
    });
    const { vars } = viewOf(outside, [], cwd, () => Buffer.alloc(32)).of(base);
    expect(vars.list).to.deep.equal([null, null, null, 1.5]);
  });

  it('has a keyed hash in place of such a value in a record: a change shows, the value does not', () => {
    const { record } = viewed('secretive');
    expect(record)
      .to.match(/"a \$\{env:TOKEN [0-9a-f]{16}\} b"/)
      .and.not.contain('secretive');
    expect(viewed('secretive').record).to.equal(record);
    expect(record)
      .to.match(/"\$\{password [0-9a-f]{16}\}"/)
      .and.not.contain(HASH);
    expect(viewed('secretiva').record).to.not.equal(record);
    expect(viewed('secretive', 2).record).to.not.equal(record);
  });
});
