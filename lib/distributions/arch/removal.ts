import { namesInRoot } from '../../root/path';
import type { Removal } from '../provider';
import { neededPairs } from '../removal';

/** pacman(8) also removes dependencies that nothing needs any longer. */
export const removal: Removal = {
  command: ['pacman', '--remove', '--recursive', '--nosave', '--noconfirm', '--logfile', '/dev/null'],

  installed: (root) => {
    // Neither a version nor a release has a dash in it.
    return namesInRoot(root, '/var/lib/pacman/local')
      .flatMap((name) => /^(.+)-[^-]+-[^-]+$/.exec(name)?.[1] ?? [])
      .sort();
  },

  refusal: (output) => {
    const pairs = output.matchAll(/^:: removing (\S+) breaks dependency '\S+' required by (\S+)/gm);
    const absent = output.matchAll(/^error: target not found: (\S+)/gm);
    return {
      needed: neededPairs([...pairs].map(([, name = '', by = '']) => [name, by])),
      absent: [...absent].map(([, name = '']) => name),
      essential: [],
    };
  },
};
