import { expect } from 'chai';
import { referencePage } from '../../../docs/write-reference';
import { FIXED, KEYS, LISTS } from '../../helpers/property/keys';

describe('the random changes of the cache test', () => {
  /** Keys that hold no other keys. */
  const leaves = (): string[] => {
    const rows = [...(referencePage().split('## Configuration')[1] ?? '').matchAll(/^\| `([^`]+)`/gm)];
    const keys = rows.map(([, key]) => key as string);
    return keys.filter((key) => !keys.some((other) => other.startsWith(`${key}.`)));
  };
  const covers = (known: string, key: string): boolean => {
    if (known.startsWith(`${key}.`)) return true;
    const parts = key.split('.');
    return known.split('.').every((part, at) => parts[at] === part || parts[at] === '*');
  };

  it('change every key of the schema, or a reason is given', () => {
    const known = [...KEYS.map(([path]) => path), ...LISTS, ...Object.keys(FIXED)];
    expect(leaves().filter((key) => !known.some((each) => covers(each, key)))).to.deep.equal([]);
  });

  it('give no reason for a key that they change or that there is not', () => {
    const changed = [...KEYS.map(([path]) => path), ...LISTS];
    for (const key of Object.keys(FIXED)) {
      expect(changed, key).to.not.include(key);
      expect(
        leaves().some((leaf) => covers(key, leaf)),
        key,
      ).to.equal(true);
    }
  });
});
