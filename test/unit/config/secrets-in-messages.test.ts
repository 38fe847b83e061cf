import { expect } from 'chai';
import { readConfig } from '../../../lib/config/load';
import { schema } from '../../../lib/config/schema';
import { keysOf } from '../../../lib/config/walk';
import { messageOf } from '../../../lib/error';
import { loadConfig } from '../../helpers/config';
import { cleanUp, workspace } from './workspace';

const reference = (name: string): string => '$'.concat(`{secret:${name}}`);

/** Everything that is said of a configuration of one file. */
function said(config: object, secret: string, name = 'KEY'): string {
  const cwd = workspace({ 'dock0.yaml': JSON.stringify({ secrets: {}, ...config }) });
  try {
    return loadConfig({ cwd, env: { [name]: secret } }).warnings.join('\n');
  } catch (error) {
    return messageOf(error);
  }
}

/** A configuration that has a value at a path, where `*` is any name. */
function at(path: readonly string[], value: unknown): object {
  const [key = '', ...rest] = path;
  return { [key === '*' ? 'x1' : key]: rest.length === 0 ? value : at(rest, value) };
}

describe('what is said of a configuration', () => {
  afterEach(cleanUp);

  const paths = [...new Map([...keysOf(schema)].map(({ path }) => [path.join('.'), path])).values()];
  /** Each with the parts of it that nobody may read; rules take values apart at such places. */
  const secrets = [
    ['hunter2:4711swordfish/tcp', 'hunter2', 'swordfish'],
    ['http://hunter2:swordfish@host.lan/x?y', 'hunter2', 'swordfish'],
    ['/Hunter2/../swordfish', 'hunter2', 'swordfish'],
  ] as const;
  for (const [secret, ...parts] of secrets)
    it(`has no secret like ${JSON.stringify(secret)} in it, at any of the ${paths.length} keys`, () => {
      const shown: string[] = [];
      for (const path of paths) {
        if (path[0] === 'secrets') continue;
        const whole = reference('KEY');
        for (const value of [`a${whole}b`, [whole]]) {
          const text = said(at(path, value), secret);
          if (parts.some((part) => text.toLowerCase().includes(part)))
            shown.push(`${path.join('.')}: ${text}`);
        }
      }
      expect(shown).to.deep.equal([]);
    });

  it('names the secret in its place, and keeps what else there is to say', () => {
    expect(said({ timezone: reference('KEY') }, 'hunter2hunter2')).to.match(
      /^dock0\.yaml:1:\d+: timezone: expected a time zone.*, found "\$\{secret:KEY\}"$/,
    );
    expect(said({ timezone: `Europe/${reference('KEY')}` }, 'hunter2hunter2')).to.contain(
      `found "Europe/${reference('KEY')}"`,
    );
  });

  it('has no secret in it when something else fails while it is loaded', () => {
    const cwd = workspace({ 'dock0.yaml': JSON.stringify({ vars: { a: reference('KEY') } }) });
    const names = ['one', 'two'];
    const read = readConfig({ cwd, env: { KEY: 'hunter2hunter2' }, platforms: { names, host: 'one' } });
    const check = (): never => {
      throw new Error('no folder hunter2hunter2');
    };
    const platform = { name: 'one', release: undefined, check } as never;
    expect(() => read.finish(new Map([['one', platform]]))).to.throw(`no folder ${reference('KEY')}`);
  });
});
