import { lstatSync } from 'node:fs';
import { Dock0Error } from '../error';
import { mountApiFilesystems } from '../system/chroot';
import type { OpenLayer } from '../system/layer';
import { realInRoot } from './path';

/** What the C library reads for every program, or for every name of a user. */
const READ_BY_ALL = [
  ...['etc/passwd', 'etc/group', 'etc/shadow', 'etc/gshadow', 'etc/nsswitch.conf'],
  ...['etc/ld.so.cache', 'etc/ld.so.preload', 'etc/localtime'],
];

/**
 * Gives the open root what programs running in it expect, and sees to it that none of them waits forever: a pipe or a
 * device in place of a file that they all read has no end.
 *
 * @throws Dock0Error naming the path of the image that is in the way
 */
export async function mountForPrograms({ sandbox, root, path }: OpenLayer): Promise<void> {
  await mountApiFilesystems(sandbox, root);
  for (const each of READ_BY_ALL) {
    const found = realInRoot(path('/'), each);
    if (found === undefined) continue;
    const stat = lstatSync(found);
    if (!stat.isFile() && !stat.isDirectory())
      throw new Dock0Error(`/${each} of the image is no file: programs that read it would never end`);
  }
}
