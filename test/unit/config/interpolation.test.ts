// biome-ignore-all lint/suspicious/noTemplateCurlyInString: references look like template placeholders
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { loadConfig } from '../../helpers/config';
import { cleanUp, load, problemsOf, workspace } from './workspace';

describe('references in the configuration', () => {
  afterEach(cleanUp);

  it('insert the values of other keys, from any file or the defaults', () => {
    const files = {
      'a.yaml': 'vars: {full: "${name}-${vars.n}.${fs.type}"}\nhostname: ${name}.lan\n',
      'b.yaml': 'name: web\nvars: {n: 3}\n',
    };
    const { base } = load(files, { files: ['a.yaml', 'b.yaml'] });
    expect(base.hostname).to.equal('web.lan');
    expect(base.vars.full).to.equal('web-3.ext4');
  });

  it('keep the type of their target when they are the whole value', () => {
    const { base } = load({
      'dock0.yaml':
        'vars: {n: 7, list: [a, b], urls: [http://a, http://b], map: {mtu: 1400}}\nsquash: {level: "${vars.n}"}\npackages: ${vars.list}\ndocker: {daemon: "${vars.map}"}\nmirror: ${vars.urls}\n',
    });
    expect(base.squash.level).to.equal(7);
    expect(base.packages).to.deep.equal(['a', 'b']);
    expect(base.docker.daemon).to.deep.equal({ mtu: 1400 });
    expect(base.mirror).to.deep.equal(['http://a', 'http://b']);
  });

  it('lead into a map that is a reference itself', () => {
    const { base } = load({ 'dock0.yaml': 'vars: {a: {b: deep}, c: "${vars.a}", d: "${vars.c.b}"}\n' });
    expect(base.vars.d).to.equal('deep');
  });

  it('read the environment, with a default for unset variables, and record what they used', () => {
    const text =
      'locale: ${env:L:-C.UTF-8}\nhostname: h-${env:N}\nsquash: {level: "${env:LEVEL}"}\nnetwork: {dhcp: "${env:DHCP}"}\nkernel: {source: {version: "${env:N}"}}\n';
    const { base, outside } = load(
      { 'dock0.yaml': text },
      { env: { N: '6.12', LEVEL: '9', DHCP: 'false', UNUSED: 'x' } },
    );
    expect(base.locale).to.equal('C.UTF-8');
    expect(base.hostname).to.equal('h-6.12');
    expect(base.squash.level).to.equal(9);
    expect(base.network.dhcp).to.equal(false);
    expect(base.kernel.source.version).to.equal('6.12');
    expect(outside).to.deep.equal({ 'env:N': '6.12', 'env:LEVEL': '9', 'env:DHCP': 'false' });
  });

  it('may be in the default of an unset variable', () => {
    const { base } = load({
      'dock0.yaml':
        "vars: {url: '${env:URL:-http://${hostname}/}', deep: '${env:A:-${env:B:-b}-${name}}!', map: '${env:A:-${vars.m}}', m: {a: b}, under: '${vars.map.a}'}\n",
    });
    expect(base.vars).to.deep.include({ url: 'http://dock0/', deep: 'b-dock0!', under: 'b' });
  });

  it('bring maps and lists that are completed like stated ones, with paths relative to where those are', () => {
    const cwd = workspace({
      'dock0.yaml':
        "include: sub/a.yaml\noverlay: '${vars.folders}'\ncontainers: {web: '${vars.web}'}\npackages: '${vars.list}'\n",
      'sub/a.yaml':
        "vars: {folders: [ov], list: list, web: {image: nginx, ports: '80:80', command: ['$${HOME}']}}\n",
      'sub/ov/.file': '',
      list: 'htop\n',
    });
    const { base } = loadConfig({ cwd, env: {} });
    expect(base.overlay).to.deep.equal([join(cwd, 'sub/ov')]);
    expect(base.packages).to.deep.equal(['htop']);
    expect(base.containers.web).to.deep.include({ ports: ['80:80'], command: ['${HOME}'], read_only: false });
  });

  it('to numbers stay numbers where numbers are expected, however they are written', () => {
    const { base } = load({ 'dock0.yaml': "vars: {n: 0x10, v: 1.10}\nsquash: {level: '${vars.n}'}\n" });
    expect(base.squash.level).to.equal(16);
    expect(base.vars.v).to.equal(1.1);
  });

  it('are literal after a second $', () => {
    const { base } = load({ 'dock0.yaml': "commands: {chroot: ['echo $${HOME} $HOME']}\n" });
    expect(base.commands.chroot).to.deep.equal(['echo ${HOME} $HOME']);
  });

  it('are refused to unknown keys, unset variables and maps inside a text, and without an end', () => {
    const text = 'vars:\n  a: ${nmae}\n  b: ${env:HMOE}\n  c: ${name\n  d: x${fs}\n  e: ${HOME}\n';
    expect(problemsOf({ 'dock0.yaml': text }, { env: { HOME: '/root' } })).to.deep.equal([
      'dock0.yaml:2:6: vars.a: ${nmae}: no such key; did you mean ${name}?',
      'dock0.yaml:3:6: vars.b: ${env:HMOE}: HMOE is not set in the environment; did you mean HOME?',
      'dock0.yaml:4:6: vars.c: ${ without }; write $${ for a literal ${',
      "dock0.yaml:5:6: vars.d: ${fs} is a map, which can't be part of a text",
      'dock0.yaml:6:6: vars.e: ${HOME}: no such key; write $${HOME} for the literal text',
    ]);
  });

  it('are refused when they refer to themselves, with one problem each', () => {
    const text = 'vars:\n  a: ${vars.b}\n  b: ${vars.a}\n  c: ${vars.c.d}\n  e: {f: "${vars.e}"}\n';
    expect(problemsOf({ 'dock0.yaml': text })).to.deep.equal([
      'dock0.yaml:3:6: vars.b: refers to itself: vars.a -> vars.b -> vars.a',
      'dock0.yaml:4:6: vars.c: refers to itself: vars.c -> vars.c',
      'dock0.yaml:5:10: vars.e.f: refers to itself: vars.e -> vars.e.f -> vars.e',
    ]);
  });

  it('give a path relative to the file that sets it, also from another file', () => {
    const cwd = workspace({
      'dock0.yaml': 'include: sub/a.yaml\ntemplates: ${overlay}\nscripts: ${vars.here}\n',
      'sub/a.yaml': 'overlay: ov\nvars: {here: sub/ov}\n',
      'sub/ov/.file': '',
    });
    const { base } = loadConfig({ cwd, env: {} });
    for (const key of ['overlay', 'templates', 'scripts'] as const) {
      expect(base[key], key).to.deep.equal([join(cwd, 'sub/ov')]);
    }
  });

  it('never show a value of the environment', () => {
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
      'dock0.yaml:2:10: overlay: expected a folder, found "${env:S}" from the environment: no such file or folder',
    );
  });

  it('take a secret as it is, or refuse a file that is no UTF-8', () => {
    const cwd = workspace({ 'dock0.yaml': 'secrets: {WORD: word}\nvars: {word: "${secret:WORD}"}\n' });
    const write = (bytes: Buffer): void => writeFileSync(join(cwd, 'word'), bytes, { mode: 0o600 });
    write(Buffer.from('p\xe4ssword1\n', 'utf8'));
    expect(loadConfig({ cwd, env: {} }).base.vars).to.deep.equal({ word: 'p\xe4ssword1' });
    write(Buffer.from('pass\xfcword1\n', 'latin1'));
    expect(() => loadConfig({ cwd, env: {} })).to.throw(
      'dock0.yaml:2:14: vars.word: ${secret:WORD}: word:1:5: the byte 0xfc is not UTF-8; save the file as UTF-8',
    );
  });

  it('read only the environment in an include', () => {
    const files = { 'dock0.yaml': 'include: ${env:WHICH}.yaml\n', 'a.yaml': 'name: from-a\n' };
    expect(load(files, { env: { WHICH: 'a' } }).base.name).to.equal('from-a');
    expect(problemsOf({ 'dock0.yaml': 'include: ${name}.yaml\n' })).to.deep.equal([
      'dock0.yaml:1:10: include: expected no reference other than ${env:NAME} here',
    ]);
  });
});
