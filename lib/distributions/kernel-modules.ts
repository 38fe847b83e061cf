import { lstatSync } from 'node:fs';
import { join } from 'node:path';
import { namesInRoot, realInRoot } from '../root/path';

/**
 * The modules of an unpacked kernel package: the folder that holds them, and the kernel's release. What is only a link
 * does not count.
 *
 * @param places the folders in which they may be, below `unpacked`
 */
export function moduleFolder(
  unpacked: string,
  places: readonly string[],
): { modules: string; version: string } | undefined {
  for (const place of places) {
    const modules = realInRoot(unpacked, place);
    const version = namesInRoot(unpacked, place)[0];
    if (modules === undefined || version === undefined) continue;
    if (lstatSync(join(modules, version)).isDirectory()) return { modules, version };
  }
  return undefined;
}
