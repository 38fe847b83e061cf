import { lstatSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { inRoot } from './path';

/**
 * The paths in an image that a pattern matches, sorted. `*`, `?` and `[…]` match within one name as in sh(1); a
 * leading dot has to be stated. Links in parents are followed inside the image only.
 *
 * @param root the folder that holds the image
 * @param pattern an absolute path in the image
 */
export function globInRoot(root: string, pattern: string): string[] {
  let found = [''];
  for (const part of pattern.split('/').filter((each) => each !== '')) {
    found = found.flatMap((folder) =>
      namesIn(root, folder)
        .filter(matcher(part))
        .map((name) => `${folder}/${name}`),
    );
  }
  return found.sort();
}

function namesIn(root: string, folder: string): string[] {
  // Resolved with a name below it, so that a link to a folder is followed too.
  const path = join(inRoot(root, `${folder}/x`), '..');
  return lstatSync(path, { throwIfNoEntry: false })?.isDirectory() ? readdirSync(path) : [];
}

function matcher(part: string): (name: string) => boolean {
  const source = part.replace(/\[!|[\\^$.|+(){}*?]/g, (character) => {
    if (character === '*') return '[^/]*';
    if (character === '?') return '[^/]';
    return character === '[!' ? '[^' : `\\${character}`;
  });
  const regex = new RegExp(`^${source}$`);
  return (name) => regex.test(name) && (part.startsWith('.') || !name.startsWith('.'));
}
