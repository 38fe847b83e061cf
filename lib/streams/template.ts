import { relative } from 'node:path';
import { types } from 'node:util';
import { Dock0Error, messageOf } from '../error';
import { HIDDEN, optionsOf, type Template } from './template-options';

/** The variables of a template: the configuration's keys, and `config` for all of them. */
export function templateData<C extends object>(config: C): Record<string, unknown> {
  return { ...config, config };
}

/**
 * Renders one template, with dates in UTC and a copy of the data: what one template changes in it, another one does not
 * see.
 *
 * @throws Dock0Error with file and line, of what it includes where that is at fault
 */
export function renderTemplate(
  ejs: Pick<typeof import('ejs'), 'render'>,
  template: Template,
  data: Record<string, unknown>,
): string {
  try {
    return inUtc(() => ejs.render(template.text, copyOf(data), optionsOf(template)));
  } catch (error) {
    throw templateError(template.file, error);
  }
}

/** Dates come out the same wherever the build host is. */
function inUtc<T>(render: () => T): T {
  const { TZ } = process.env;
  process.env.TZ = 'UTC';
  try {
    return render();
  } finally {
    if (TZ === undefined) delete process.env.TZ;
    else process.env.TZ = TZ;
  }
}

/** A copy as deep as there is data; functions, and what is made of classes, are the same. */
function copyOf<T>(value: T, copies = new Map<unknown, unknown>()): T {
  if (typeof value !== 'object' || value === null) return value;
  const known = copies.get(value);
  if (known !== undefined) return known as T;
  const each = <M>(member: M): M => copyOf(member, copies);
  if (types.isDate(value)) return new Date(value) as T;
  if (types.isMap(value)) return new Map([...value].map(each)) as T;
  if (types.isSet(value)) return new Set([...value].map(each)) as T;
  const prototype = Object.getPrototypeOf(value);
  if (!Array.isArray(value) && prototype !== null && Object.getPrototypeOf(prototype) !== null) return value;
  const copy: object = Array.isArray(value) ? [] : Object.create(prototype);
  copies.set(value, copy);
  for (const [key, member] of Object.entries(value))
    Object.defineProperty(copy, key, {
      value: each(member),
      writable: true,
      enumerable: true,
      configurable: true,
    });
  return copy as T;
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
