import { expect } from 'chai';
import { conflictError, withoutConflicts } from '../../../../lib/distributions/arch/conflicts';
import type { DatabaseEntry } from '../../../../lib/distributions/arch/database';
import { run } from '../../../../lib/system/process';

const compare = async (a: string, b: string): Promise<number> => Number((await run('vercmp', [a, b])).stdout);

function entry(name: string, some: Partial<DatabaseEntry> = {}): DatabaseEntry {
  const file = `${name}-1-1-any.pkg.tar.zst`;
  const lists = { groups: [], provides: [], depends: [], conflicts: [] };
  return { name, version: '1-1', arch: 'any', file, bytes: 1, sha256: '', ...lists, ...some };
}

describe('packages in conflict', () => {
  const said = async (entries: DatabaseEntry[], wanted: string[]): Promise<string | undefined> => {
    const { conflict } = await withoutConflicts(entries, compare);
    return conflict && (await conflictError(conflict, entries, wanted, compare)).message;
  };

  it('are named, each with who needs it when it was not requested', async () => {
    const hater = entry('hater', { conflicts: ['beta'] });
    const alpha = entry('alpha', { depends: ['beta>=1'] });
    const fan = entry('fan', { depends: ['hater'] });
    const beta = entry('beta', { groups: ['letters'] });
    expect(await said([alpha, beta, hater], ['core/alpha', 'hater'])).to.equal(
      'hater conflicts with beta, which alpha needs',
    );
    expect(await said([alpha, beta, fan, hater], ['letters', 'fan'])).to.equal(
      'hater, which fan needs, conflicts with beta',
    );
  });

  it('conflict by a provided name, and by version only in the given versions', async () => {
    const provider = entry('provider', { provides: ['virtual=2:1'] });
    for (const [text, clash] of [
      ['virtual', true],
      ['virtual<3', false],
      ['virtual>=2:1', true],
      ['virtual=2:1', true],
      ['virtual<=2:0.9', false],
      ['provider<1.0.1', true],
      ['provider>1', false],
      ['unknown', false],
    ] as const) {
      const { conflict } = await withoutConflicts([entry('hater', { conflicts: [text] }), provider], compare);
      expect(conflict !== undefined, text).to.equal(clash);
    }
    const bare = entry('bare', { provides: ['virtual'] });
    expect(
      (await withoutConflicts([entry('hater', { conflicts: ['virtual<9'] }), bare], compare)).conflict,
    ).to.equal(undefined);
  });

  it('are none when a package names what it provides itself, or when one replaces the other', async () => {
    const stands = entry('stands-in', { provides: ['original'], conflicts: ['original'] });
    const original = entry('original');
    expect(await withoutConflicts([stands], compare)).to.deep.equal({
      dropped: new Set(),
      conflict: undefined,
    });
    const { dropped, conflict } = await withoutConflicts([original, stands], compare);
    expect([[...dropped].map(({ name }) => name), conflict]).to.deep.equal([['original'], undefined]);
  });
});
