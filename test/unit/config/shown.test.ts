import { join } from 'node:path';
import { expect } from 'chai';
import { packageFolder } from '../../../lib/config/paths';
import { maskOf, passwordsOf, shownConfig, unstated, viewOf } from '../../../lib/config/shown';
import { loadConfig } from '../../helpers/config';

const text = (cwd: string, options: Parameters<typeof loadConfig>[0]): string => {
  const { base, shownAt, outside } = loadConfig({ cwd, ...options });
  return JSON.stringify(shownConfig(base, shownAt, outside, cwd));
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
      set: [
        'root.password=$6$salt$egUxKNxDs8kPfh8iPMNcosMhb2eWah6d3R44JDm5Rj/j/XWR5E33QPd0YmHXoDHOIDR6kL5D3JcQcz0O8FHE00',
        `hostname=${reference}`,
        'users.me.password=$6$salt$YBMliyNjyO6srA0PUHb40yiODpPny2ei1jipSMG6SJX4zPlOEzoxr4eLVAHiIEQ7IIOJi.Z.dOhYXqqJaE4op1',
      ],
      env: { NAME_OF_IT: 'secretive' },
    });
    expect(shown).to.contain('"password":"a hash"').and.contain(reference);
    expect(shown)
      .to.not.match(/egUxKNx|YBMliyN/)
      .and.not.contain('secretive');
  });
});

describe('a value of the environment', () => {
  const reference = (name: string): string => '$'.concat(`{env:${name}}`);
  const load = (env: Record<string, string>) => {
    const loaded = loadConfig({
      cwd: '/tmp',
      files: [join(packageFolder(), 'configs/default.yaml')],
      set: [
        `vars=${JSON.stringify({ who: reference('WHO'), list: ['a', `b ${reference('WHO')}`] })}`,
        ['vars.also=$', '{vars.who}'].join(''),
        `name=${reference('HOST')}`,
        'squash.compression=zstd',
      ],
      env,
    });
    const { base, shownAt, outside } = loaded;
    // biome-ignore lint/suspicious/noExplicitAny: JSON
    const shown = shownConfig(base, shownAt, outside, '/tmp') as any;
    const hidden = unstated(outside, [{ config: base, shownAt }], '/tmp');
    return { base, shown, view: viewOf(hidden, [], '/tmp', () => Buffer.alloc(32)) };
  };

  it('is shown as its reference where that was written, and nowhere else', () => {
    for (const who of ['zstd', 'directory', 'x']) {
      const { shown } = load({ WHO: who, HOST: 'squash' });
      expect(shown.vars).to.deep.equal({
        who: reference('WHO'),
        list: ['a', `b ${reference('WHO')}`],
        also: reference('WHO'),
      });
      expect(shown.squash.compression).to.equal('zstd');
      expect([shown.name, shown.hostname]).to.deep.equal([reference('HOST'), reference('HOST')]);
      expect(JSON.stringify(shown).match(/env:/g)).to.have.length(5);
    }
  });

  it('changes no record of what the configuration states itself', () => {
    const records = ['zstd', 'something'].map((who) => {
      const { base, view } = load({ WHO: who, HOST: 'myhost' });
      return view.record(base.squash);
    });
    expect(records[0]).to.deep.equal(records[1]);
    const { base, view } = load({ WHO: 'secretive', HOST: 'myhost' });
    expect(JSON.stringify(view.record(base.vars))).to.not.contain('secretive');
  });
});

describe('a secret in a line', () => {
  const secret = 'line "one" of it\nline\\two of it\n';
  const mask = maskOf({ 'secret:KEY': secret });

  it('is hidden as it is, line by line, and as JSON has it', () => {
    for (const line of [
      `x ${secret} y`,
      ...secret.split('\n').slice(0, 2),
      JSON.stringify({ key: secret }),
    ]) {
      const shown = mask(`before ${line} after`);
      expect(shown).to.contain('{secret:KEY}').and.contain('before').and.contain('after');
      for (const word of ['one', 'two', 'of it']) expect(shown).to.not.contain(word);
    }
  });
});

describe('values of a record', () => {
  const { record } = viewOf({}, [], '/', () => Buffer.alloc(32));

  it('are plain data: what a date or a set holds would not show', () => {
    expect(record({ a: [1, 'x', null, { b: true }] })).to.deep.equal({ a: [1, 'x', null, { b: true }] });
    for (const value of [new Date(0), new Set([1]), new Map(), Buffer.from('x')])
      expect(() => record({ value })).to.throw(`expected plain data, found ${value.constructor.name}`);
    for (const value of [1n, () => 1, Symbol('x')])
      expect(() => record({ value })).to.throw(`expected plain data, found a ${typeof value}`);
  });
});

describe('the configuration as templates and records have it', () => {
  const cwd = '/somewhere/project';
  const reference = '$'.concat('{env:TOKEN}');
  const HASH =
    '$6$salt$egUxKNxDs8kPfh8iPMNcosMhb2eWah6d3R44JDm5Rj/j/XWR5E33QPd0YmHXoDHOIDR6kL5D3JcQcz0O8FHE00';
  const viewed = (token: string, key = 1) => {
    const { base, outside } = loadConfig({
      cwd: '/tmp',
      files: [join(packageFolder(), 'configs/default.yaml')],
      set: [
        `vars.text=a ${reference} b`,
        `vars.folder=${cwd}/overlay`,
        `root.password=${HASH}`,
        `users.me.password=${HASH}`,
      ],
      env: { TOKEN: token },
    });
    expect(passwordsOf(base)).to.deep.equal([HASH, HASH]);
    const view = viewOf(outside, passwordsOf(base), cwd, () => Buffer.alloc(32, key));
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
    });
    const odd = JSON.parse('{"__proto__": {"a": 1}}');
    const list = [Number.NaN, Number.POSITIVE_INFINITY, null, 1.5, undefined];
    const { of, record } = viewOf(outside, [], cwd, () => Buffer.alloc(32));
    const { vars } = of({ ...base, vars: { list, odd, gone: undefined } });
    expect(vars.list).to.deep.equal([null, null, null, 1.5, null]);
    expect(JSON.stringify(record({ vars }))).to.equal(
      '{"vars":{"list":[null,null,null,1.5,null],"odd":{"__proto__":{"a":1}}}}',
    );
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

  it('has secrets of containers in the same way, wherever they come from', () => {
    const secret = 'first line of it\nand "another"';
    const { base, shownAt } = loadConfig({
      cwd: '/tmp',
      files: [join(packageFolder(), 'configs/default.yaml')],
      set: [`containers.web=${JSON.stringify({ image: 'web:1', secrets: { token: secret } })}`],
    });
    const view = viewOf({}, passwordsOf(base), cwd, () => Buffer.alloc(32));
    const record = JSON.stringify(view.record({ runs: view.of(base).containers }));
    expect(record)
      .to.match(/"token":"\$\{password [0-9a-f]{16}\}"/)
      .and.not.contain('first line');
    const manifest = JSON.stringify(shownConfig(base, shownAt, {}, cwd));
    expect(manifest).to.contain('"secrets":{"token":"a secret"}').and.not.contain('first line');
  });
});
