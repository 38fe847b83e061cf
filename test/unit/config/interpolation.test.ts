// biome-ignore-all lint/suspicious/noTemplateCurlyInString: references look like template placeholders
import { join } from 'node:path';
import { expect } from 'chai';
import { loadConfig } from '../../helpers/config';
import { cleanUp, load, problemsOf, workspace } from './workspace';

describe('references in the configuration', () => {
  afterEach(cleanUp);

  it('puts other keys into a text, wherever they are stated, defaults included', () => {
    const files = {
      'a.yaml': 'vars: {full: "${name}-${vars.n}.${fs.type}"}\nhostname: ${name}.lan\n',
      'b.yaml': 'name: web\nvars: {n: 3}\n',
    };
    const { base } = load(files, { files: ['a.yaml', 'b.yaml'] });
    expect(base.hostname).to.equal('web.lan');
    expect(base.vars.full).to.equal('web-3.ext4');
  });

  it('keeps the type of a value that is a reference and nothing else', () => {
    const { base } = load({
      'dock0.yaml':
        'vars: {n: 7, list: [a, b], map: {mtu: 1400}}\nsquash: {level: "${vars.n}"}\npackages: ${vars.list}\ndocker: {daemon: "${vars.map}"}\nmirror: ${vars.list}\n',
    });
    expect(base.squash.level).to.equal(7);
    expect(base.packages).to.deep.equal(['a', 'b']);
    expect(base.docker.daemon).to.deep.equal({ mtu: 1400 });
    expect(base.mirror).to.deep.equal(['a', 'b']);
  });

  it('follows a reference into the map that another one stands for', () => {
    const { base } = load({ 'dock0.yaml': 'vars: {a: {b: deep}, c: "${vars.a}", d: "${vars.c.b}"}\n' });
    expect(base.vars.d).to.equal('deep');
  });

  it('reads the environment, with a default where a variable is unset, and says which it used', () => {
    const text =
      'locale: ${env:L:-C.UTF-8}\nhostname: h-${env:N}\nsquash: {level: "${env:LEVEL}"}\nnetwork: {dhcp: "${env:DHCP}"}\nkernel: {source: {version: "${env:N}"}}\n';
    const { base, envUsed } = load(
      { 'dock0.yaml': text },
      { env: { N: '6.12', LEVEL: '9', DHCP: 'false', UNUSED: 'x' } },
    );
    expect(base.locale).to.equal('C.UTF-8');
    expect(base.hostname).to.equal('h-6.12');
    expect(base.squash.level).to.equal(9);
    expect(base.network.dhcp).to.equal(false);
    expect(base.kernel.source.version).to.equal('6.12');
    expect(envUsed).to.deep.equal({ N: '6.12', LEVEL: '9', DHCP: 'false' });
  });

  it('takes $${ for a plain ${', () => {
    const { base } = load({ 'dock0.yaml': "commands: {chroot: ['echo $${HOME} $HOME']}\n" });
    expect(base.commands.chroot).to.deep.equal(['echo ${HOME} $HOME']);
  });

  it('tells of unknown keys, unset variables, references without an end and maps inside of texts', () => {
    const text = 'vars:\n  a: ${nmae}\n  b: ${env:HMOE}\n  c: ${name\n  d: x${fs}\n  e: ${HOME}\n';
    expect(problemsOf({ 'dock0.yaml': text }, { env: { HOME: '/root' } })).to.deep.equal([
      'dock0.yaml:2:6: vars.a: ${nmae}: no such key; did you mean ${name}?',
      'dock0.yaml:3:6: vars.b: ${env:HMOE}: HMOE is not set in the environment; did you mean HOME?',
      'dock0.yaml:4:6: vars.c: a ${ without its }; write $${ for the text itself',
      "dock0.yaml:5:6: vars.d: ${fs} is a map, which can't be part of a text",
      'dock0.yaml:6:6: vars.e: ${HOME}: no such key; write $${HOME} for the text itself',
    ]);
  });

  it('tells of references that lead back to themselves, once', () => {
    const text = 'vars:\n  a: ${vars.b}\n  b: ${vars.a}\n  c: ${vars.c.d}\n  e: {f: "${vars.e}"}\n';
    expect(problemsOf({ 'dock0.yaml': text })).to.deep.equal([
      'dock0.yaml:3:6: vars.b: refers to itself: vars.a -> vars.b -> vars.a',
      'dock0.yaml:4:6: vars.c: refers to itself: vars.c -> vars.c',
      'dock0.yaml:5:10: vars.e.f: refers to itself: vars.e -> vars.e.f -> vars.e',
    ]);
  });

  it('makes a path absolute from the file that states it, also when another file refers to it', () => {
    const cwd = workspace({
      'dock0.yaml': 'include: sub/a.yaml\ntemplates: ${overlay}\nscripts: ${vars.here}\n',
      'sub/a.yaml': 'overlay: ov\nvars: {here: sub/ov}\n',
      'sub/ov/file': '',
    });
    const { base } = loadConfig({ cwd, env: {} });
    for (const key of ['overlay', 'templates', 'scripts'] as const) {
      expect(base[key], key).to.deep.equal([join(cwd, 'sub/ov')]);
    }
  });

  it('never shows what the environment holds', () => {
    const env = { S: 'hunter2-secret' };
    const problems = problemsOf(
      {
        'dock0.yaml':
          'timezone: "!${env:S}"\noverlay: ${env:S}\nfs: {size: "${env:S}"}\nvars: {x: "${env:S}"}\nlocale: "${vars.x} "\npackages: ${env:S}\ndocker: {storage: {volume: "${env:S}"}}\n',
        'hunter2-secre/x': '',
      },
      { env },
    );
    expect(problems).to.have.length(6);
    expect(problems.join('\n')).not.to.contain('hunter2');
    const long = { S: 'hunter2'.repeat(1000) };
    expect(problemsOf({ 'dock0.yaml': 'overlay: ${env:S}\n' }, { env: long })[0]).not.to.contain('hunter2');
    expect(problems[1]).to.equal(
      'dock0.yaml:2:10: overlay: expected a folder, found a value from the environment: no such file or folder',
    );
  });

  it('lets an include refer to the environment, and to nothing else', () => {
    const files = { 'dock0.yaml': 'include: ${env:WHICH}.yaml\n', 'a.yaml': 'name: from-a\n' };
    expect(load(files, { env: { WHICH: 'a' } }).base.name).to.equal('from-a');
    expect(problemsOf({ 'dock0.yaml': 'include: ${name}.yaml\n' })).to.deep.equal([
      'dock0.yaml:1:10: include: expected no reference but to the environment (${env:NAME}) here',
    ]);
  });
});
