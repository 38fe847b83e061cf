import { relative } from 'node:path';
import type { Config } from '../config/schema';
import { templateData } from '../streams/template';
import type { OpenLayer } from '../system/layer';
import type { Runner } from '../system/sandbox';
import { ACCESS_LIST, type Attributes, readAttributes, setAttributes } from '../system/xattrs';
import { inRoot } from './path';
import { renderTree } from './templates';
import { listTree, type Placed, place } from './tree';

/** Where folders are put, and what templates see. */
interface Placing {
  open: OpenLayer;
  config: Config | undefined;
  log: (line: string) => void;
  run: Runner;
}

/**
 * Puts overlays and rendered templates into the open root, and says what of them is left out.
 *
 * @returns what gives the files their extended attributes
 */
export async function placeFolders(
  { overlay, templates }: Pick<Config, 'overlay' | 'templates'>,
  { open, config, log, run }: Placing,
): Promise<() => Promise<void>> {
  const root = open.path('/');
  const attributes = new Map<string, Attributes>();
  const skipped: string[] = [];
  const put = (folder: string, things: Placed[]): void => {
    place(root, things);
    const known = readAttributes(folder);
    for (const thing of things) {
      // The last one to have a path is the one that stays.
      const own = thing.kind === 'file' ? known.get(relative(folder, thing.source)) : undefined;
      const target = inRoot(root, thing.path);
      if (own === undefined) attributes.delete(target);
      else attributes.set(target, withoutLists(own, shown(thing.source), log));
    }
  };
  for (const folder of overlay)
    put(
      folder,
      listTree(folder, (path) => skipped.push(shown(path))),
    );
  for (const folder of templates) put(folder, await renderTree(folder, templateData(config ?? {})));
  if (skipped.length > 0) log(`left out: ${skipped.join(', ')}`);
  return async () => {
    for (const [target, own] of attributes) await setAttributes(target, own, run);
  };
}

function withoutLists(own: Attributes, file: string, log: (line: string) => void): Attributes {
  const kept = new Map([...own].filter(([name]) => !name.startsWith(ACCESS_LIST)));
  if (kept.size < own.size) log(`warning: ${file}: its access list (setfacl) is lost: squashfs has none`);
  return kept;
}

function shown(path: string): string {
  return relative(process.cwd(), path) || path;
}
