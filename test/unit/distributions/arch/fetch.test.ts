import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { expect } from 'chai';
import { type FetchContext, fetchAll } from '../../../../lib/distributions/arch/fetch';
import { outcomeOf } from '../../../../lib/system/curl';
import type { Runner } from '../../../../lib/system/sandbox';
import { testFolder } from '../../../helpers/folder';

describe('downloading', () => {
  const { path } = testFolder();

  /** A curl that finds `http://silent` silent and everything else there; keeps the URLs it was asked for. */
  const network = (): { asked: string[]; context: FetchContext } => {
    const asked: string[] = [];
    const run: Runner = async (_, __, options) => {
      const transfers = [...String(options?.input).matchAll(/^url = "(.*)"\noutput = "(.*)"$/gm)];
      const lines = transfers.map(([, url = '', output = ''], at) => {
        asked.push(url);
        if (url.startsWith('http://silent/')) return `${at} 28 000 Connection timed out`;
        writeFileSync(output, 'content');
        return `${at} 0 200 `;
      });
      return { code: 0, stdout: lines.join('\n'), stderr: '' };
    };
    return { asked, context: { run, signal: new AbortController().signal, log: () => undefined } };
  };
  const wanted = (name: string) => ({
    name,
    urls: [`http://silent/${name}`, `http://good/${name}`],
    to: path(name),
    check: async () => undefined,
  });

  it('asks a server that accepts no connection once in a run', async () => {
    const { asked, context } = network();
    await fetchAll([wanted('core.db')], context);
    await fetchAll([wanted('a'), wanted('b'), wanted('c')], context);
    expect(asked).to.deep.equal([
      'http://silent/core.db',
      'http://good/core.db',
      'http://good/a',
      'http://good/b',
      'http://good/c',
    ]);
    expect(readFileSync(path('c'), 'utf8')).to.equal('content');
  });

  it('asks it again in the next run', async () => {
    for (let runs = 0; runs < 2; runs++) {
      const { asked, context } = network();
      await fetchAll([wanted('a')], context);
      expect(asked).to.deep.equal(['http://silent/a', 'http://good/a']);
    }
  });

  it('names the server when there is no other', async () => {
    const { context } = network();
    const only = { ...wanted('a'), urls: ['http://silent/a'] };
    const error = await fetchAll([only, { ...only, name: 'b', urls: ['http://silent/b'] }], context).catch(
      ({ message }) => message,
    );
    expect(error).to.equal(
      "a can't be downloaded (http://silent: Connection timed out)\n" +
        "b can't be downloaded (http://silent: the server does not answer)",
    );
    expect(existsSync(path('a'))).to.equal(false);
  });

  it('goes on with a server whose answer only stalled', () => {
    expect(outcomeOf(28, 206)).to.equal('cut');
    expect(outcomeOf(18, 200)).to.equal('cut');
    expect(outcomeOf(28, 0)).to.equal('dead');
    expect(outcomeOf(7, 0)).to.equal('dead');
  });
});
