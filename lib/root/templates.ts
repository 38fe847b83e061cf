import { readFileSync } from 'node:fs';
import { relative } from 'node:path';
import { Dock0Error, messageOf } from '../error';
import { listTree, type Placed } from './tree';

const SUFFIX = /\.ejs$/;

/**
 * Renders a folder's files as EJS templates, each with `data`'s keys as variables; a name's `.ejs` is dropped.
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

/** Renders one template; `file` is its name in messages and the base of its includes. */
export function renderTemplate(
  ejs: Pick<typeof import('ejs'), 'render'>,
  file: string,
  text: string,
  data: Record<string, unknown>,
): string {
  try {
    // Nothing is escaped as for HTML: these are configuration files.
    return ejs.render(text, data, { filename: file, escape: String });
  } catch (error) {
    throw templateError(file, error);
  }
}

/** EJS puts `file:line` and the lines around it in front of what was thrown; of a syntax error it knows no line. */
function templateError(file: string, error: unknown): Dock0Error {
  const message = messageOf(error);
  const shown = relative(process.cwd(), file);
  const line = /:(\d+)\n/.exec(message)?.[1];
  const what = message
    .split('\n')
    .filter((part) => part.trim() !== '')
    .at(-1)
    ?.trim();
  const reason =
    line === undefined
      ? message
          .split('\n')[0]
          ?.replace(file, shown)
          .replace(/ in .*while compiling ejs/, '')
      : what;
  return new Dock0Error(`${shown}${line === undefined ? '' : `:${line}`}: ${reason}`, {
    hint: "Templates are EJS; the configuration's keys are its variables, `vars` holds your own.",
    cause: error,
  });
}
