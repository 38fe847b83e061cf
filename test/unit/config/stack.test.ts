// biome-ignore-all lint/suspicious/noTemplateCurlyInString: references look like template placeholders
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { expect } from 'chai';
import { packageFolder } from '../../../lib/config/paths';
import { loadConfig } from '../../helpers/config';
import { cleanUp, load, problemsOf, workspace } from './workspace';

describe('stacking configuration files', () => {
  afterEach(cleanUp);

  it('merges maps deeply and replaces lists and values, left to right', () => {
    const files = {
      'a.yaml': 'fs: {size: 1G, type: xfs}\npackages: [a, b]\n',
      'b.yaml': 'fs: {size: 2G}\npackages: [c]\n',
    };
    const { base } = load(files, { files: ['a.yaml', 'b.yaml'] });
    expect(base.fs).to.deep.equal({ backend: 'overlay', size: '2G', type: 'xfs' });
    expect(base.packages).to.deep.equal(['c']);
  });

  it('appends a list tagged !append to the lower one, and reads a single value as a list', () => {
    const files = {
      'a.yaml': 'packages: [a]\nunits: {enable: [x.service]}\noverlay: one\n',
      'b.yaml': 'packages: !append [b]\noverlay: !append two\n',
      'c.yaml': 'packages: !append [c]\n',
      'one/file': '',
      'two/file': '',
    };
    const cwd = workspace(files);
    const { base } = loadConfig({ cwd, env: {}, files: ['a.yaml', 'b.yaml', 'c.yaml'] });
    expect(base.packages).to.deep.equal(['a', 'b', 'c']);
    expect(base.units.enable).to.deep.equal(['x.service']);
    expect(base.overlay).to.deep.equal([join(cwd, 'one'), join(cwd, 'two')]);
  });

  it('appends lists from references and files', () => {
    const files = {
      'a.yaml': 'packages: [a]\n',
      'b.yaml': 'packages: !append ${vars.more}\nvars: {more: [b, c]}\n',
      'c.yaml': 'packages: !append list\n',
      list: 'd\n',
    };
    const { base } = load(files, { files: ['a.yaml', 'b.yaml', 'c.yaml'] });
    expect(base.packages).to.deep.equal(['a', 'b', 'c', 'd']);
  });

  it('restores the default where a later file has null', () => {
    const files = {
      'a.yaml': 'timezone: Europe/Vienna\nfs: {size: 1G, type: xfs}\nkeymap: de\n',
      'b.yaml': 'timezone: ~\nfs: {size: null}\nkeymap:\n',
    };
    const { base } = load(files, { files: ['a.yaml', 'b.yaml'] });
    expect(base.timezone).to.equal('UTC');
    expect(base.fs).to.deep.include({ size: '4G', type: 'xfs' });
    expect(base.keymap).to.equal(undefined);
  });

  it('puts the lock file next to the last file, unless that is in the package or the key is set', () => {
    const cwd = workspace({
      'a.yaml': '',
      'web/b.yaml': '',
      'web/c.yaml': 'lock: ../all.lock\n',
      'dock0.yaml': '',
    });
    const lockOf = (...files: string[]): string => loadConfig({ cwd, env: {}, files }).base.lock;
    expect(lockOf()).to.equal(join(cwd, 'dock0.lock'));
    expect(lockOf('a.yaml', 'web/b.yaml')).to.equal(join(cwd, 'web/dock0.lock'));
    expect(lockOf('web/b.yaml', 'a.yaml')).to.equal(join(cwd, 'dock0.lock'));
    expect(lockOf('web/c.yaml', 'a.yaml')).to.equal(join(cwd, 'all.lock'));
    expect(lockOf(join(packageFolder(), 'configs/arch.yaml'))).to.equal(join(cwd, 'dock0.lock'));
    const set = ['lock=set.lock'];
    expect(loadConfig({ cwd, env: {}, files: ['web/b.yaml'], set }).base.lock).to.equal(
      join(cwd, 'set.lock'),
    );
  });

  it('stacks included files below the including one, with paths relative to it', () => {
    const files = {
      'dock0.yaml': 'include: [shared/a.yaml, shared/b.yaml]\npackages: !append [top]\n',
      'shared/a.yaml': 'include: deeper/c.yaml\nhostname: a\npackages: !append [a]\n',
      'shared/b.yaml': 'hostname: b\n',
      'shared/deeper/c.yaml': 'packages: [c]\nlocale: de_AT.UTF-8\n',
    };
    const cwd = workspace(files);
    const { base, files: read } = loadConfig({ cwd, env: {} });
    expect(base.packages).to.deep.equal(['c', 'a', 'top']);
    expect(base).to.deep.include({ hostname: 'b', locale: 'de_AT.UTF-8' });
    expect(base).not.to.have.property('include');
    expect(read).to.deep.equal(
      Object.keys(files)
        .sort()
        .map((name) => join(cwd, name)),
    );
  });

  it('includes a file of the package by its bare name', () => {
    const { base } = load({ 'dock0.yaml': 'include: default\npackages: !append [htop]\n' });
    expect(base.packages).to.include.members(['systemd', 'htop']);
  });

  it('reports a missing and a circular include at its line', () => {
    expect(problemsOf({ 'dock0.yaml': 'name: x\ninclude: [bse.yaml]\n', 'base.yaml': '' })).to.deep.equal([
      'dock0.yaml:2:11: include.0: expected a file, found "bse.yaml": no such file or folder; did you mean "base.yaml"?',
    ]);
    expect(
      problemsOf({ 'dock0.yaml': 'include: a.yaml\n', 'a.yaml': 'include: dock0.yaml\n' }),
    ).to.deep.equal(['a.yaml:1:10: include: includes itself: dock0.yaml -> a.yaml -> dock0.yaml']);
  });

  it('puts --set on top of all files, with YAML values and paths relative to the working directory', () => {
    const cwd = workspace({ 'conf/a.yaml': 'packages: [a]\nsquash: {level: 1}\n', 'ov/file': '' });
    const { base } = loadConfig({
      cwd,
      env: {},
      files: ['conf/a.yaml'],
      set: ['squash.level=15', 'packages=!append [b]', 'overlay=ov', 'permissions."/etc/x.conf".mode="0600"'],
    });
    expect(base.squash.level).to.equal(15);
    expect(base.packages).to.deep.equal(['a', 'b']);
    expect(base.overlay).to.deep.equal([join(cwd, 'ov')]);
    expect(base.permissions['/etc/x.conf']).to.deep.equal({ mode: '0600' });
  });

  it('does not wait for a pipe', () => {
    const cwd = workspace({});
    execFileSync('mkfifo', [join(cwd, 'pipe')]);
    const says = ['--config pipe: expected a file, it is a pipe'];
    expect(problemsOf({}, { cwd, files: ['pipe'] })).to.deep.equal(says);
  });

  it('names the flag when --set or --config is invalid', () => {
    const set = ['squash.levle=3', 'squash.level=high', 'nonsense', 'packages=[a'];
    const problems = problemsOf({ 'dock0.yaml': '' }, { set });
    expect(problems).to.have.length(4);
    expect(problems[0]).to.equal('--set nonsense: expected key.path=value, such as --set squash.level=15');
    expect(problems[1]).to.match(/^--set packages: this \[ is never closed/);
    expect(problems[2]).to.equal('--set squash.level: expected a whole number from 1 to 22, found "high"');
    expect(problems[3]).to.equal('--set squash.levle: unknown key; did you mean squash.level?');
    expect(problemsOf({ 'dock0.yaml': '' }, { set: ['include=default'] })).to.deep.equal([
      '--set include: a flag includes no file; write include in a file, or stack it by --config',
    ]);
    expect(problemsOf({}, { files: ['gone.yaml'] })).to.deep.equal(['--config gone.yaml: no such file']);
    const file = { file: '' };
    expect(problemsOf(file, { files: ['file/x'] })).to.deep.equal(['--config file/x: no such file']);
    expect(problemsOf({ 'folder/x': '' }, { files: ['folder'] })).to.deep.equal([
      '--config folder: expected a file, it is a folder',
    ]);
    expect(problemsOf({}, { files: ['/dev/null'] })).to.deep.equal([
      '--config /dev/null: expected a file, it is a device',
    ]);
  });

  it('uses dock0.yaml of the working directory, else the default of the package', () => {
    expect(load({ 'dock0.yaml': 'name: mine\n' }).base.name).to.equal('mine');
    const [file] = load({}).files;
    expect(file).to.match(/\/configs\/(default|arch)\.yaml$/);
  });
});

describe('hosts', () => {
  afterEach(cleanUp);
  const shared = 'name: web\npackages: [a]\noverlay: ov\ntimezone: Europe/Vienna\nvars: {site: vienna}\n';
  const files = {
    'dock0.yaml': shared,
    'ov/file': '',
    'configs/hosts/alpha.yaml':
      'overlay: !append [alpha]\nunits: {mask: [x.service]}\ntimezone: ~\nvars: {who: "${name}"}\n',
    'configs/hosts/alpha/file': '',
    'configs/hosts/beta.yaml': 'name: second\nhostname: beta.lan\n',
  };

  it('add nothing without --host', () => {
    expect(load(files).hosts).to.deep.equal([]);
  });

  it('give the build and the machine their name, unless their file has another', () => {
    const { base, hosts } = load(files, { hosts: ['alpha', 'beta'] });
    expect(base).to.deep.include({ name: 'web', hostname: 'web' });
    const [alpha, beta] = hosts;
    expect(alpha?.config).to.deep.include({ name: 'alpha', hostname: 'alpha' });
    expect(beta?.config).to.deep.include({ name: 'second', hostname: 'beta.lan' });
  });

  it('have the keys of their own file apart from the shared ones', () => {
    const cwd = workspace(files);
    const [alpha] = loadConfig({
      cwd,
      env: {},
      hosts: ['alpha'],
      set: ['units.mask=[y.service]', 'locale=C'],
    }).hosts;
    const overlay = join(cwd, 'configs/hosts/alpha');
    expect(alpha?.config.overlay).to.deep.equal([join(cwd, 'ov'), overlay]);
    expect(alpha?.own).to.deep.equal({
      name: 'alpha',
      hostname: 'alpha',
      overlay: [overlay],
      units: { mask: ['y.service'] },
      timezone: 'UTC',
      vars: { who: 'alpha' },
    });
  });

  it('are refused by a name that cannot be the host name', () => {
    expect(problemsOf({ 'dock0.yaml': '', 'hosts/g-.yaml': '' }, { hosts: ['g-'] })).to.deep.equal([
      '--host g-: name: expected a host name of at most 64 letters, digits, - and dots, found "g-": it is the host name, too, without the key hostname',
    ]);
  });

  it('are found next to the last configuration file', () => {
    const cwd = workspace({ 'etc/base.yaml': 'name: x\n', 'etc/hosts/gamma.yaml': 'locale: C\n' });
    const [gamma] = loadConfig({ cwd, env: {}, files: ['etc/base.yaml'], hosts: ['gamma'] }).hosts;
    expect(gamma?.config).to.deep.include({ name: 'gamma', locale: 'C' });
  });

  it('are found in configs/hosts next to any configuration file, the last one first', () => {
    const cwd = workspace({
      'a/base.yaml': 'name: x\n',
      'a/configs/hosts/gamma.yaml': 'locale: C\n',
      'a/configs/hosts/delta.yaml': 'locale: C\n',
      'b/more.yaml': 'keymap: us\n',
      'b/configs/hosts/delta.yaml': 'locale: POSIX\n',
    });
    const files = ['a/base.yaml', 'b/more.yaml'];
    const { hosts } = loadConfig({ cwd, env: {}, files, hosts: ['gamma', 'delta'] });
    expect(hosts.map(({ config }) => config.locale)).to.deep.equal(['C', 'POSIX']);
  });

  it('are listed when one is missing', () => {
    expect(problemsOf(files, { hosts: ['alhpa'] })).to.deep.equal([
      '--host alhpa: no such host in configs/hosts; there are: alpha, beta; did you mean alpha?',
    ]);
    expect(problemsOf(files, { hosts: ['../x'] })).to.deep.equal([
      '--host ../x: expected a name of lower-case letters, digits and -',
    ]);
  });

  it('are refused when two would share an output folder', () => {
    const twins = { ...files, 'configs/hosts/alpha.yaml': 'name: second\n' };
    expect(problemsOf(twins, { hosts: ['alpha', 'beta'] })).to.deep.equal([
      '--host beta: name: expected a unique name, found "second", which host alpha has too',
    ]);
  });
});
