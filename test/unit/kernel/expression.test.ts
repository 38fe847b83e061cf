import { expect } from 'chai';
import { conjuncts, evaluate, symbolsIn } from '../../../lib/kernel/expression';

const values: Record<string, string> = { NET: 'y', INET: 'm', NR: '64', NAME: '"x"' };
const value = (text: string): number => evaluate(text, (name) => values[name]);

describe('a Kconfig expression', () => {
  it('is the lesser with &&, the greater with ||, the rest to y with !', () => {
    expect(['NET && INET', 'NET || INET', '!INET', '!NET', 'ABSENT'].map(value)).to.deep.equal([
      1, 2, 1, 0, 0,
    ]);
  });

  it('binds && closer than ||, and parentheses closest', () => {
    expect(value('NET || NET && ABSENT')).to.equal(2);
    expect(value('(NET || NET) && ABSENT')).to.equal(0);
    expect(value('!(NET && ABSENT)')).to.equal(2);
  });

  it('compares texts, tristates and numbers', () => {
    expect(['INET=m', 'NET!=y', 'ABSENT=n', 'NAME="x"', 'NR>=64', 'NR < 9'].map(value)).to.deep.equal([
      2, 0, 2, 2, 2, 0,
    ]);
  });

  it('takes a macro for y', () => {
    expect(value('NET && $(cc-option,$(flag) -mfoo)')).to.equal(2);
  });

  it('tells its parts and its symbols', () => {
    expect(conjuncts('A && (B||C=y && D) && !E')).to.deep.equal(['A', '(B || C=y && D)', '!E']);
    expect(conjuncts('A && B || C')).to.deep.equal(['A && B || C']);
    expect(symbolsIn('A && (B || C=y) && NR>=64')).to.deep.equal(['A', 'B', 'C', 'NR']);
  });

  it('refuses what is none', () => {
    for (const text of ['A &&', '(A', 'A B', '&& A', 'A ? B'])
      expect(() => value(text)).to.throw(SyntaxError);
  });
});
