import { existsSync, readdirSync, readFileSync, readlinkSync, statSync } from 'node:fs';
import { basename, dirname, extname, join, relative, resolve } from 'node:path';
import { Dock0Error } from '../error';
import { fileKind } from '../system/file-kind';

/** What YAML can hold. */
export type Value = null | boolean | number | string | Value[] | { [key: string]: Value };
export type Keys = { [key: string]: Value };

/** One file of a dock0 stack. */
export interface StackFile {
  /** As given on the command line. */
  name: string;
  keys: Keys;
}

/** A dock0 project: its shared configuration, those of its hosts, and the folder that paths are relative to. */
export interface Stack {
  folder: string;
  shared: StackFile;
  hosts: StackFile[];
  /** The text of a file, by its path in the folder. */
  read: (path: string) => string;
}

/** A configuration in our own keys, made from dock0's. */
export interface Mapped {
  keys: Keys;
  /** What is left out or means something else here: a line each, the old key first. */
  notes: string[];
}

/** A file that the import writes. */
export interface ImportedFile {
  /** Relative to the stack's folder. */
  path: string;
  text: string;
}

/**
 * Reads a dock0 stack: the first file is the shared configuration, each other one a host's. dock0 ran in the folder
 * of its first file, so paths are relative to that.
 *
 * @throws Dock0Error for a file that is missing, not YAML or not a map
 */
export async function readStack(files: readonly string[], cwd: string): Promise<Stack> {
  const [first, ...others] = files;
  if (first === undefined) {
    throw new Dock0Error('import-dock0: no file given', {
      hint: 'gulp import-dock0 config.yaml configs/HOST.yaml …',
    });
  }
  const yaml = await import('js-yaml');
  const read = (name: string): StackFile => {
    const path = resolve(cwd, name);
    const found = statSync(path, { throwIfNoEntry: false });
    if (found === undefined) throw new Dock0Error(`${name}: no such file`);
    if (!found.isFile()) throw new Dock0Error(`${name}: expected a file, found ${fileKind(found)}`);
    return { name, keys: topKeys(name, parse(yaml, name, readFileSync(path, 'utf8'))) };
  };
  const folder = dirname(resolve(cwd, first));
  const text = (path: string): string => readFileSync(join(folder, path), 'utf8');
  const hosts = others.map(read);
  const twice = hosts.find(({ name }, at) =>
    hosts.slice(0, at).some((each) => hostName(each.name) === hostName(name)),
  );
  if (twice !== undefined)
    throw new Dock0Error(`${twice.name}: another host is called ${hostName(twice.name)} too`);
  return { folder, shared: read(first), hosts, read: text };
}

/**
 * Numbers with a point stay strings, since `3.10` is a version. `<<` merges as in YAML 1.1, which Ruby reads.
 */
function parse(yaml: typeof import('js-yaml'), name: string, text: string): unknown {
  const { Schema, strTag, seqTag, mapTag, nullCoreTag, boolCoreTag, intCoreTag, mergeTag } = yaml;
  const schema = new Schema([strTag, seqTag, mapTag, nullCoreTag, boolCoreTag, intCoreTag, mergeTag]);
  try {
    // Unlike `load`, this accepts an empty file, which is a configuration too.
    const [first, ...others] = yaml.loadAll(text, { schema });
    if (others.length > 0) throw new Dock0Error(`${name}: expected one document, found ${others.length + 1}`);
    return first;
  } catch (error) {
    if (!(error instanceof yaml.YAMLException)) throw error;
    const { reason, mark } = error;
    const place = mark === undefined ? name : `${name}:${mark.line + 1}:${mark.column + 1}`;
    throw new Dock0Error(`${place}: ${reason}`, {
      hint: "This parser is stricter than Ruby's: no tabs before a key, and quotes around a string with `: ` in it.",
      cause: error,
    });
  }
}

function topKeys(name: string, value: unknown): Keys {
  if (value === null || value === undefined) return {};
  const plain = withoutSymbols(value as Value);
  if (isKeys(plain)) return plain;
  throw new Dock0Error(`${name}: expected a dock0 configuration, which is a map of keys`);
}

/** Makes Ruby's symbols (`:paths:`) normal keys. */
function withoutSymbols(value: Value): Value {
  if (Array.isArray(value)) return value.map(withoutSymbols);
  if (!isKeys(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [key.replace(/^:/, ''), withoutSymbols(inner)]),
  );
}

export function isKeys(value: Value | undefined): value is Keys {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A value if it is a map, else an empty map. */
export function keysOf(value: Value | undefined): Keys {
  return isKeys(value) ? value : {};
}

/** A list's items as strings; a single value is a list of one. */
export function textsOf(value: Value | undefined): string[] {
  if (value === null || value === undefined) return [];
  return (Array.isArray(value) ? value : [value])
    .filter((each) => !isKeys(each) && each !== null)
    .map(String);
}

/** A path of the stack for our configuration, where a bare name could mean a file of the package. */
export function stackPath(path: string): string {
  return path.startsWith('/') || path.startsWith('.') ? path : `./${path}`;
}

/** The folder that the import writes hosts' files to. */
export const HOSTS = 'configs/hosts';

/** The name of a host, made from its file name so that `--host` accepts it. */
export function hostName(file: string): string {
  return basename(file, extname(file))
    .toLowerCase()
    .replace(/[^a-z0-9-]/g, '-')
    .replace(/^-+/, '');
}

/** A path of the stack for a host's file: paths are relative to the file that has them. */
export function hostPath(path: string): string {
  return path.startsWith('/') ? path : relative(HOSTS, path);
}

/** The files below a folder of the stack, sorted, relative to it; none when there is no such folder. */
export function filesBelow(folder: string): string[] {
  if (!existsSync(folder) || !statSync(folder).isDirectory()) return [];
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() || entry.isSymbolicLink())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)))
    .sort();
}

/** The target of a symbolic link; undefined for anything else. */
export function linkTarget(path: string): string | undefined {
  try {
    return readlinkSync(path);
  } catch {
    return undefined;
  }
}
