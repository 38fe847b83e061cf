import { isUtf8 } from 'node:buffer';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { Dock0Error } from '../error';

/**
 * The names in a folder of the user's, sorted.
 *
 * @throws Dock0Error for a name that is no UTF-8: in records and fingerprints it could not be told from others
 */
export function namesOf(folder: string): string[] {
  const names = readdirSync(folder).sort();
  // It stands for whatever is no UTF-8; a name may also have it itself.
  if (!names.some((name) => name.includes('\uFFFD'))) return names;
  const strange = readdirSync(folder, { encoding: 'buffer' }).find((name) => !isUtf8(name));
  if (strange === undefined) return names;
  const shown = strange
    .toString('latin1')
    .replace(/[^ -~]/g, (byte) => `\\x${byte.charCodeAt(0).toString(16).padStart(2, '0')}`);
  throw new Dock0Error(`${join(folder, shown)}: the name is not UTF-8`, {
    hint: 'Rename it; `convmv -f latin1 -t utf8 -r FOLDER` shows how Latin-1 names would be called.',
  });
}
