import { isUtf8 } from 'node:buffer';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { relative } from 'node:path';
import type { Notes } from '../config/platform';
import { meant, type Wrong } from '../config/problems';
import type { Config } from '../config/schema';
import { didYouMean } from '../config/suggest';
import { Dock0Error } from '../error';
import { INCLUDE_FOLDER } from '../streams/include';
import { syntaxProblem } from '../streams/template-syntax';
import { listTree, type Placed } from './tree';

/** Checks the syntax of all templates, so that nothing is built for those that cannot be rendered; and what they print. */
export function checkTemplates(
  { templates, vars }: Pick<Config, 'templates' | 'vars'>,
  wrong: Wrong,
  { warn }: Pick<Notes, 'warn'>,
): void {
  for (const [index, folder] of templates.entries()) {
    const keys = ['templates', String(index)];
    try {
      for (const { source, path, kind } of listTree(folder))
        if (kind === 'file' && isTemplate(path)) {
          const text = textOf(source);
          const problem = text === undefined ? undefined : problemOf(source, folder, text);
          if (problem !== undefined) wrong(keys, problem);
          else if (text !== undefined)
            for (const odd of unsetVars(text, vars)) warn(keys, `${at(source, odd.line)}: ${odd.says}`);
        }
    } catch (error) {
      if (!(error instanceof Dock0Error)) throw error;
      wrong(keys, error.message);
    }
  }
}

/** What is only included may be anything; what EJS finds without being told its extension is a template. */
function isTemplate(path: Placed['path']): boolean {
  return path.split('/')[0] !== INCLUDE_FOLDER || path.endsWith('.ejs');
}

/** The text of a template; undefined where it has no tags, or is taken as it is. */
function textOf(file: string): string | undefined {
  const bytes = readFileSync(file);
  return bytes.includes('<%') && isUtf8(bytes) ? bytes.toString() : undefined;
}

function problemOf(file: string, folder: string, text: string): string | undefined {
  // Most configurations have no templates: EJS is loaded for those that do.
  const ejs = createRequire(__filename)('ejs') as object;
  const problem = syntaxProblem(ejs, { file, folder, text });
  return problem && `${at(file, problem.line)}: expected a template of EJS: ${problem.reason}`;
}

function at(file: string, line: number | undefined): string {
  return `${relative(process.cwd(), file)}${line === undefined ? '' : `:${line}`}`;
}

/** A tag that prints a key of `vars` and does nothing else. */
const PRINTED = /<%=\s*(?:config\.)?vars((?:\.\w+)+)\s*[-_]?%>/g;

/** Where a template prints keys of `vars` that are not set; not those that it also asks for in another way. */
function unsetVars(text: string, vars: Config['vars']): { line: number; says: string }[] {
  const others = (text.replace(PRINTED, '').match(/<%[\s\S]*?%>/g) ?? []).join('\n');
  return [...text.matchAll(PRINTED)].flatMap((found) => {
    const names = (found[1] as string).slice(1).split('.');
    if (valueAt(vars, names) !== undefined || /\bvars\b/.test(others)) return [];
    const line = text.slice(0, found.index).split('\n').length;
    const near = names.length === 1 ? didYouMean(names[0] as string, Object.keys(vars)) : undefined;
    const help = meant(near === undefined ? undefined : `vars.${near}`);
    return [
      {
        line,
        says: `vars.${names.join('.')} is not set, so there is nothing to print${help}`,
      },
    ];
  });
}

function valueAt(value: unknown, names: readonly string[]): unknown {
  return names.reduce<unknown>((inner, name) => Object(inner)[name], value);
}
