import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { readme } from '../../docs/write-readme';

describe('the README', () => {
  const text = readFileSync(join(__dirname, '../../README.md'), 'utf8');

  it('has the reference and the flags as the code has them (`npm run docs` writes them)', () => {
    expect(readme(text)).to.equal(text);
  });

  it('names every task', async () => {
    const { dock0 } = await import('../../tasks');
    for (const name of Object.keys(dock0())) expect(text).to.contain(`gulp ${name}`);
  });
});
