import { makeRe } from 'picomatch';
import { namesInRoot } from './path';

/**
 * The paths in an image that a pattern matches, sorted. `*`, `?` and `[…]` match within one name as in sh(1), and
 * only a stated dot matches a leading one. A backslash is literal, since names of systemd units have them.
 * Links in parents are followed inside the image only.
 *
 * @param root the folder that holds the image
 * @param pattern an absolute path in the image
 */
export function globInRoot(root: string, pattern: string): string[] {
  let found = [''];
  for (const part of pattern.split('/').filter((each) => each !== '')) {
    const matches = matcher(part);
    found = found.flatMap((folder) =>
      namesInRoot(root, folder)
        .filter(matches)
        .map((name) => `${folder}/${name}`),
    );
  }
  return found.sort();
}

function matcher(part: string): (name: string) => boolean {
  // Escaped: what picomatch knows and sh does not, such as braces and groups.
  const pattern = part.replace(/[(){}|+"$\\]/g, '\\$&');
  const regex = makeRe(pattern, { dot: true, noglobstar: true, nonegate: true, posix: true });
  return (name) => regex.test(name) && (part.startsWith('.') || !name.startsWith('.'));
}
