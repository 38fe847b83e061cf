import { isUtf8 } from 'node:buffer';
import { readFileSync } from 'node:fs';
import { relative } from 'node:path';
import { Dock0Error } from '../error';
import { INCLUDE_FOLDER } from '../streams/include';
import { renderTemplate } from '../streams/template';
import { listTree, type Placed } from './tree';

const SUFFIX = /(?<=[^/])\.ejs$/;

/**
 * Renders a folder's files as EJS templates, with the keys of `data` as variables; the suffix `.ejs` is dropped. A file
 * that is not valid UTF-8 is taken as it is, with its name. The folder `.include` is for what templates include.
 *
 * @throws Dock0Error with file and line for a template that throws, and when two files have the same name afterwards
 */
export async function renderTree(folder: string, data: Record<string, unknown>): Promise<Placed[]> {
  const { default: ejs } = await import('ejs');
  const sources = new Map<string, string>();
  const things = listTree(folder).filter(({ path }) => path.split('/')[0] !== INCLUDE_FOLDER);
  return things.map((thing) => {
    const rendered = thing.kind === 'file' ? renderFile(ejs, folder, thing, data) : thing;
    const other = sources.get(rendered.path);
    if (other !== undefined) {
      const [one, two] = [other, thing.source].map((path) => relative(process.cwd(), path));
      throw new Dock0Error(`${one} and ${two} both become /${rendered.path}`);
    }
    sources.set(rendered.path, thing.source);
    return rendered;
  });
}

function renderFile(
  ejs: Pick<typeof import('ejs'), 'render'>,
  folder: string,
  thing: Placed & { kind: 'file' },
  data: Record<string, unknown>,
): Placed {
  const bytes = readFileSync(thing.source);
  if (!isUtf8(bytes)) return thing;
  const template = { file: thing.source, folder, text: bytes.toString() };
  const content = renderTemplate(ejs, template, data);
  return { ...thing, path: thing.path.replace(SUFFIX, ''), content };
}
