import { Dock0Error } from '../../error';
import type { Runner } from '../../system/sandbox';

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

/** The fields of an entry; the others, most of the text, are skipped. */
const KEPT = new Set([
  ...['FILENAME', 'NAME', 'VERSION', 'ARCH', 'CSIZE', 'SHA256SUM'],
  ...['GROUPS', 'PROVIDES', 'DEPENDS', 'CONFLICTS'],
]);

/**
 * Reads a database of repo-add(8): an archive of `<name>-<version>/desc`, each a list of `%KEY%` lines with the
 * values below. It is read line by line: the text of a large one is ten times what is kept of it.
 *
 * @throws Dock0Error when it is not an archive, or names a file outside of its folder
 */
export async function readDatabase(file: string, run: Runner): Promise<DatabaseEntry[]> {
  const reader = descriptionReader();
  await run('bsdtar', ['-xOf', file], {
    onLine: (line, stream) => {
      if (stream === 'stdout') reader.line(line);
    },
    keep: 1,
  });
  return reader.entries();
}

/** Reads the `desc` files of a database, one after the other. */
export function parseDescriptions(text: string): DatabaseEntry[] {
  const reader = descriptionReader();
  for (const line of text.split('\n')) reader.line(line);
  return reader.entries();
}

function descriptionReader(): { line: (line: string) => void; entries: () => DatabaseEntry[] } {
  const entries: DatabaseEntry[] = [];
  let wrong: unknown;
  let fields: Map<string, string[]> | undefined;
  let values: string[] | undefined;
  const finish = (): void => {
    if (fields === undefined) return;
    try {
      entries.push(entryOf(fields));
    } catch (error) {
      wrong ??= error;
    }
  };
  return {
    line: (line) => {
      if (line === '') values = undefined;
      else if (values !== undefined) values.push(copied(line));
      else if (line.startsWith('%') && line.endsWith('%')) {
        const key = line.slice(1, -1);
        if (key === 'FILENAME') {
          finish();
          fields = new Map();
        }
        if (!KEPT.has(key)) return;
        values = [];
        fields?.set(copied(key), values);
      }
    },
    entries: () => {
      finish();
      fields = undefined;
      if (wrong !== undefined) throw wrong;
      return entries;
    },
  };
}

/** A copy: a slice of a text would keep all of that text in memory. */
function copied(part: string): string {
  return Buffer.from(part).toString();
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
