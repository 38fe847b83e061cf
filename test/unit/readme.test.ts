import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { REFERENCE, referencePage } from '../../docs/write-reference';

describe('the documentation', () => {
  it('has a reference as the code has it (`npm run docs` writes it)', () => {
    expect(readFileSync(REFERENCE, 'utf8')).to.equal(referencePage());
  });

  it('names every task in the README', async () => {
    const text = readFileSync(join(__dirname, '../../README.md'), 'utf8');
    const { dock0 } = await import('../../tasks');
    for (const name of Object.keys(dock0())) expect(text).to.contain(`gulp ${name}`);
  });
});
