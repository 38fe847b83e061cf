import { readFileSync } from 'node:fs';
import { renderTemplate } from '../streams/template';
import { listTree, type Placed } from './tree';

const SUFFIX = /\.ejs$/;

/**
 * Renders a folder's files as EJS templates, with the keys of `data` as variables; the suffix `.ejs` is dropped.
 *
 * @throws Dock0Error with file and line for a template that throws
 */
export async function renderTree(folder: string, data: Record<string, unknown>): Promise<Placed[]> {
  const { default: ejs } = await import('ejs');
  return listTree(folder).map((thing) => {
    if (thing.kind !== 'file') return thing;
    const path = thing.path.replace(SUFFIX, '');
    return {
      ...thing,
      path,
      content: renderTemplate(ejs, thing.source, readFileSync(thing.source, 'utf8'), data),
    };
  });
}
