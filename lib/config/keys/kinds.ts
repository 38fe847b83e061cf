import {
  array,
  boolean,
  check,
  description as described,
  type GenericSchema,
  type InferInput,
  integer,
  maxValue,
  metadata,
  minValue,
  number,
  type ObjectEntries,
  type ObjectSchema,
  type OptionalSchema,
  object,
  optional,
  picklist,
  pipe,
  record,
  regex,
  string,
  union,
  unknown,
} from 'valibot';
import { MOST_TEBIBYTES } from '../limits';

/**
 * The kinds of values the schema is made of. Each has what it expects in words, for error messages ("expected …") and
 * the type column of the reference.
 */

/** What the loader does with a value before it validates it. */
export interface Treatment {
  /** The text is a path, relative to the folder of the file that sets it. */
  path?: 'file' | 'folder' | 'any' | 'executable';
  /** Values that are not paths: `none`, a literal SSH key. */
  except?: RegExp;
  /** A bare name that is not a file means one in this folder of the package. */
  shipped?: { folder: string; extension: string };
  /** The path may be missing. */
  maybe?: boolean;
  /** The path has to exist only when `kernel.provider` is this. */
  provider?: 'file' | 'source';
  /** A single value is a list of one, except these words. */
  one?: readonly string[];
  /** A text is a file whose lines are the items of the list; `#` starts a comment. */
  lines?: boolean;
  /** What is wrong with the whole text of such a file, or nothing. */
  content?: (text: string) => string | undefined;
  /** Words that are often written for others, in small letters. */
  slips?: Readonly<Record<string, string>>;
  /** It ends up as a text, for which a number has to be written as it is printed. */
  verbatim?: boolean;
  /** Messages do not show it. */
  secret?: boolean;
}

/** A text that matches a pattern. */
export function text(expected: string, pattern?: RegExp) {
  const base = string(expected);
  return pattern === undefined ? base : pipe(base, regex(pattern, expected));
}

/** A whole number from `least` to `most`. */
export function whole(expected: string, least: number, most = Number.MAX_SAFE_INTEGER) {
  return pipe(number(expected), integer(expected), minValue(least, expected), maxValue(most, expected));
}

/** true or false. */
export function yesNo() {
  const slips = { yes: 'true', on: 'true', no: 'false', off: 'false' };
  return treated(boolean('true or false'), { slips });
}

/** One of a few words. */
export function choice<const W extends readonly string[]>(...words: W) {
  return picklist(words, words.length === 1 ? `${words[0]}` : `one of ${words.join(', ')}`);
}

/** A list; `expected` describes all of it. */
export function list<S extends GenericSchema>(item: S, expected: string) {
  return array(item, expected);
}

/** A map whose keys are the user's. */
export function map<S extends GenericSchema>(name: GenericSchema<string>, value: S, expected: string) {
  return record(name, value, expected);
}

/** A map with anything in it. */
export function anything(expected: string) {
  return record(string(), unknown(), expected);
}

/** One of several kinds. */
export function either<const S extends readonly GenericSchema[]>(expected: string, ...options: S) {
  return union(options, expected);
}

/** Adds what the loader does with a value. */
export function treated<S extends GenericSchema>(schema: S, treatment: Treatment): S {
  return pipe(schema, metadata({ ...treatment })) as unknown as S;
}

/** A list of paths, or a single one. */
export function paths(expected: string, kind: NonNullable<Treatment['path']>, more: Treatment = {}) {
  const item = treated(text(expected), { path: kind, ...more });
  return treated(list(item, `${expected} or a list of them`), { one: [] });
}

/** An optional key without a default. */
export function key<S extends GenericSchema>(schema: S, description: string): OptionalSchema<S, undefined>;
/** An optional key with a default. */
export function key<S extends GenericSchema>(
  schema: S,
  description: string,
  fallback: InferInput<S>,
): OptionalSchema<S, InferInput<S>>;
export function key(schema: GenericSchema, description: string, fallback?: unknown): unknown {
  return optional(pipe(schema, described(description)), fallback);
}

/** A key that its map has to have. */
export function required<S extends GenericSchema>(schema: S, description: string): S {
  return pipe(schema, described(description)) as unknown as S;
}

/** A map of known keys. The loader reports unknown ones, all at once and with their places. */
export function fields<const E extends ObjectEntries>(entries: E): ObjectSchema<E, string> {
  return object(entries, 'a map');
}

/** A key that holds a map of known keys, each with its own default. */
export function section<const E extends ObjectEntries>(
  description: string,
  entries: E,
): OptionalSchema<ObjectSchema<E, string>, InferInput<ObjectSchema<E, string>>> {
  return optional(pipe(fields(entries), described(description)) as never, {} as never) as never;
}

// Kinds that several keys share.

/** A size of a disk or of memory in bytes, with a binary suffix. */
export const size = () => sizeOr('a size such as 512M or 4G', /^[1-9][0-9]{0,5}[KMGT]$/);

/** A size, or what else the pattern has. */
export function sizeOr(expected: string, pattern: RegExp) {
  const most = `a size of at most ${MOST_TEBIBYTES}T`;
  return pipe(
    text(expected, pattern),
    check((stated) => Number(/^(\d{1,6})T$/.exec(stated)?.[1] ?? 0) <= MOST_TEBIBYTES, most),
  );
}

/** A path inside the image. Limits of bytes are rules: patterns count characters. */
export const rootPath = () =>
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is refused
  text('an absolute path in the image', /^(?!.*\/\.\.(\/|$))\/[^\x00-\x1f\x7f]*$/);

/** A block device of the machine; it becomes a word of the kernel command line, where `:` separates. */
export function device() {
  return text(
    'a device such as /dev/vdb, without : and a / at its end',
    /^\/dev\/(?!.*(\.\.|\/\/|\/$))[A-Za-z0-9._+@%~/-]+$/,
  );
}

/** How a file system is found at boot: by exactly one of these. */
export const whereabouts = {
  label: key(
    text('a file system label of letters, digits, ., _, +, @, ~ and -', /^[\p{L}\p{N}._+@~-]+$/u),
    'label of the file system; ext4 holds 16 bytes, xfs 12, btrfs 255',
  ),
  uuid: key(
    text(
      'a file system UUID such as 0a1b2c3d-0001-4002-8003-0a1b2c3d4e5f',
      /^[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}$/,
    ),
    'UUID of the file system',
  ),
  device: key(device(), 'device that holds the file system'),
};

/** File systems that the build can make and the initramfs can mount. */
export const fileSystem = () => choice('ext4', 'xfs', 'btrfs');
