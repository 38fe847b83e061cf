import { Dock0Error } from '../error';
import type { Runner } from '../system/sandbox';

/** A package as a repository's database has it. */
export interface DatabaseEntry {
  name: string;
  version: string;
  arch: string;
  /** The package file's name. */
  file: string;
  bytes: number;
  sha256: string;
  groups: string[];
  /** As the database has them, with versions: `libfoo.so=2-64`, `beta>=2`. */
  provides: string[];
  depends: string[];
  conflicts: string[];
}

// A name becomes a path: makepkg's own rule for its first character (lint_pkgbuild), and no folder in it.
const FILE_NAME = /^[A-Za-z0-9@_+][\w@.+:~^-]*$/;

/**
 * Reads a database of repo-add(8): an archive of `<name>-<version>/desc`, each a list of `%KEY%` lines with the
 * values below.
 *
 * @throws Dock0Error for one that is no archive, or that names a file outside of its folder
 */
export async function readDatabase(file: string, run: Runner): Promise<DatabaseEntry[]> {
  const { stdout } = await run('bsdtar', ['-xOf', file, '--include', '*/desc']);
  return parseDescriptions(stdout);
}

/** Reads the `desc` files of a database, one after the other. */
export function parseDescriptions(text: string): DatabaseEntry[] {
  return text
    .split(/^(?=%FILENAME%$)/m)
    .filter((part) => part.startsWith('%FILENAME%'))
    .map((part) => entryOf(fieldsOf(part)));
}

function fieldsOf(text: string): Map<string, string[]> {
  const fields = new Map<string, string[]>();
  let values: string[] | undefined;
  for (const line of text.split('\n')) {
    const key = /^%([A-Z0-9]+)%$/.exec(line)?.[1];
    if (key !== undefined) {
      values = [];
      fields.set(key, values);
    } else if (line !== '') values?.push(line);
  }
  return fields;
}

function entryOf(fields: Map<string, string[]>): DatabaseEntry {
  const one = (key: string): string => {
    const value = fields.get(key)?.[0];
    if (value !== undefined) return value;
    throw new Dock0Error(
      `a package database has an entry without %${key}%: ${fields.get('FILENAME')?.[0] ?? '?'}`,
    );
  };
  const file = one('FILENAME');
  if (!FILE_NAME.test(file))
    throw new Dock0Error(`a package database names the file ${JSON.stringify(file)}`);
  return {
    name: one('NAME'),
    version: one('VERSION'),
    arch: one('ARCH'),
    file,
    bytes: Number(one('CSIZE')),
    sha256: one('SHA256SUM').toLowerCase(),
    groups: fields.get('GROUPS') ?? [],
    provides: fields.get('PROVIDES') ?? [],
    depends: fields.get('DEPENDS') ?? [],
    conflicts: fields.get('CONFLICTS') ?? [],
  };
}
