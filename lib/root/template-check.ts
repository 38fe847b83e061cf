import { isUtf8 } from 'node:buffer';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { relative } from 'node:path';
import type { Wrong } from '../config/problems';
import type { Config } from '../config/schema';
import { Dock0Error } from '../error';
import { INCLUDE_FOLDER } from '../streams/include';
import { syntaxProblem } from '../streams/template-syntax';
import { listTree, type Placed } from './tree';

/** Checks the syntax of all templates, so that nothing is built for those that cannot be rendered. */
export function checkTemplates({ templates }: Pick<Config, 'templates'>, wrong: Wrong): void {
  for (const [at, folder] of templates.entries()) {
    const keys = ['templates', String(at)];
    try {
      for (const { source, path, kind } of listTree(folder))
        if (kind === 'file' && isTemplate(path)) checkTemplate(source, folder, keys, wrong);
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

function checkTemplate(file: string, folder: string, keys: string[], wrong: Wrong): void {
  const bytes = readFileSync(file);
  if (!bytes.includes('<%') || !isUtf8(bytes)) return;
  // Most configurations have no templates: EJS is loaded for those that do.
  const ejs = createRequire(__filename)('ejs') as object;
  const problem = syntaxProblem(ejs, { file, folder, text: bytes.toString() });
  if (problem === undefined) return;
  const { reason, line } = problem;
  wrong(
    keys,
    `${relative(process.cwd(), file)}${line === undefined ? '' : `:${line}`}: expected a template of EJS: ${reason}`,
  );
}
