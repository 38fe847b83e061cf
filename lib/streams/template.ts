import { relative } from 'node:path';
import { Dock0Error, messageOf } from '../error';
import { includerOf } from './include';

/** A template, and where it is. */
export interface Template {
  /** Its name in messages and the base of its includes; absolute. */
  file: string;
  /** The folder that it belongs to, which its includes do not leave; absolute. */
  folder: string;
  text: string;
}

/**
 * What JavaScript has everywhere and that leads to the files, the environment and the network of this machine, which
 * nothing records. In a template these names are undefined, unless its variables have them.
 */
const HIDDEN = ['process', 'require', 'global', 'globalThis', 'fetch'];

/** The variables of a template: the configuration's keys, and `config` for all of them. */
export function templateData<C extends object>(config: C): Record<string, unknown> {
  return { ...config, config };
}

/**
 * Renders one template.
 *
 * @throws Dock0Error with file and line, of what it includes where that is at fault
 */
export function renderTemplate(
  ejs: Pick<typeof import('ejs'), 'render'>,
  { file, folder, text }: Template,
  data: Record<string, unknown>,
): string {
  const options = {
    filename: file,
    // No HTML escapes in configuration files.
    escape: String,
    includer: includerOf(folder),
    destructuredLocals: HIDDEN,
    // `this` would be the global object.
    context: {},
  };
  try {
    return ejs.render(text, data, options);
  } catch (error) {
    throw templateError(file, error);
  }
}

/** EJS begins an error with `file:line` and the lines around it, for each template on the way to it. */
const PLACE = /^(.+):(\d+)\n((?:(?: {4}| >> )\d+\| .*\n)+)\n/gm;
const SYNTAX = /^(.*) in (.*) while compiling ejs$/m;

function templateError(file: string, error: unknown): Dock0Error {
  const message = messageOf(error);
  const syntax = SYNTAX.exec(message);
  // The last one: an error in what is included has the way to it before it.
  const place = [...message.matchAll(PLACE)].at(-1);
  const where = syntax?.[2] ?? place?.[1] ?? file;
  const line = syntax === null ? place?.[2] : undefined;
  const rest = place === undefined ? message : message.slice((place.index ?? 0) + place[0].length);
  const code = / >> \d+\| (.*)/.exec(place?.[3] ?? '')?.[1] ?? '';
  const hidden = HIDDEN.find((name) => new RegExp(`(?<![.\\w])${name}\\b`).test(code));
  const reason = syntax?.[1] ?? rest.split('\n').find((part) => part.trim() !== '');
  const shown = `${relative(process.cwd(), where)}${line === undefined ? '' : `:${line}`}`;
  if (error instanceof Dock0Error)
    return new Dock0Error(`${shown}: ${reason}`, { hint: error.hint, cause: error });
  if (hidden !== undefined && error instanceof TypeError) {
    return new Dock0Error(`${shown}: ${reason}; a template has no \`${hidden}\``, {
      hint: `A template sees its variables only. \`vars: {key: $\{env:NAME}}\` in a configuration takes a value of the environment.`,
      cause: error,
    });
  }
  return new Dock0Error(`${shown}: ${reason}`, {
    hint: "Templates are EJS; the configuration's keys are its variables, `vars` holds your own.",
    cause: error,
  });
}
