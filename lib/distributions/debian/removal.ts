import { readInRoot } from '../../root/tree';
import type { Removal } from '../provider';
import { neededPairs } from '../removal';

/** dpkg(1) removes what is named and nothing else. */
export const removal: Removal = {
  command: ['dpkg', '--purge'],

  installed: (root) => {
    const status = readInRoot(root, '/var/lib/dpkg/status') ?? '';
    return status
      .split('\n\n')
      .filter((entry) => /^Status: \S+ \S+ installed$/m.test(entry))
      .map((entry) => /^Package: (\S+)$/m.exec(entry)?.[1] ?? '')
      .sort();
  },

  refusal: (output) => {
    const blocks = output.matchAll(
      /^dpkg: dependency problems prevent removal of ([^\s:]+)\S*:\n((?: .*\n?)+)/gm,
    );
    const pairs = [...blocks].flatMap(([, name = '', block = '']) =>
      [...block.matchAll(/^ ([^\s:]+)\S* (?:pre-)?depends on /gm)].map(
        ([, by = '']) => [name, by] satisfies [string, string],
      ),
    );
    const essential = output.matchAll(
      /^dpkg: error processing package (\S+) \(--purge\):\n this is an essential/gm,
    );
    return {
      needed: neededPairs(pairs),
      absent: [],
      essential: [...essential].map(([, name = '']) => name),
    };
  },
};
