import { Dock0Error } from '../../error';
import type { DatabaseEntry } from './database';

/** Orders two versions as vercmp(8) does: below, at or above zero. */
export type Compare = (a: string, b: string) => Promise<number>;

/** Two packages that cannot be installed together; `one` declares the conflict. */
export interface Conflict {
  one: DatabaseEntry;
  other: DatabaseEntry;
}

/**
 * Finds the conflicts that pacman reports when it installs, but not with `--print`. Of two packages in conflict, one
 * that the other provides is dropped; any other conflict is an error.
 */
export async function withoutConflicts(
  chosen: readonly DatabaseEntry[],
  compare: Compare,
): Promise<{ dropped: Set<DatabaseEntry>; conflict: Conflict | undefined }> {
  const named = byName(chosen);
  const dropped = new Set<DatabaseEntry>();
  for (const one of chosen) {
    for (const text of one.conflicts) {
      const { name } = parse(text);
      for (const other of named.get(name) ?? []) {
        if (other.name === one.name || dropped.has(one) || dropped.has(other)) continue;
        if (!(await fits(other, text, compare))) continue;
        if (await fits(one, other.name, compare)) dropped.add(other);
        else if (await fits(other, one.name, compare)) dropped.add(one);
        else return { dropped, conflict: { one, other } };
      }
    }
  }
  return { dropped, conflict: undefined };
}

/**
 * Describes a conflict in a line: both packages and, for one that was not requested, who needs it.
 *
 * @param wanted requested names and groups
 */
export async function conflictError(
  { one, other }: Conflict,
  chosen: readonly DatabaseEntry[],
  wanted: readonly string[],
  compare: Compare,
): Promise<Dock0Error> {
  const asked = new Set(wanted.map((name) => name.slice(name.indexOf('/') + 1)));
  const needing = async (each: DatabaseEntry): Promise<string | undefined> => {
    if ([each.name, ...each.groups].some((name) => asked.has(name))) return undefined;
    for (const { name, depends } of chosen) {
      for (const text of depends) if (await fits(each, text, compare)) return name;
    }
    return undefined;
  };
  const [first, second] = [await needing(one), await needing(other)];
  const subject = first === undefined ? one.name : `${one.name}, which ${first} needs,`;
  const object = second === undefined ? other.name : `${other.name}, which ${second} needs`;
  return new Dock0Error(`${subject} conflicts with ${object}`, {
    hint: `Remove ${first ?? one.name} or ${second ?? other.name} from \`packages\`.`,
  });
}

/** Whether a package satisfies `name`, `name=1`, `name>=1`, … by its own name or by one that it provides. */
async function fits(entry: DatabaseEntry, text: string, compare: Compare): Promise<boolean> {
  const { name, relation, version } = parse(text);
  const candidates = [`${entry.name}=${entry.version}`, ...entry.provides].map(parse);
  for (const candidate of candidates) {
    if (candidate.name !== name) continue;
    if (relation === undefined) return true;
    // A name that is provided without a version satisfies no versioned dependency.
    if (candidate.relation !== '=') continue;
    const order = await compare(candidate.version, version);
    if ((order < 0 && relation.startsWith('<')) || (order > 0 && relation.startsWith('>'))) return true;
    if (order === 0 && relation.endsWith('=')) return true;
  }
  return false;
}

function byName(chosen: readonly DatabaseEntry[]): Map<string, DatabaseEntry[]> {
  const named = new Map<string, DatabaseEntry[]>();
  for (const entry of chosen) {
    for (const name of new Set([entry.name, ...entry.provides.map((text) => parse(text).name)]))
      named.set(name, [...(named.get(name) ?? []), entry]);
  }
  return named;
}

function parse(text: string): { name: string; relation: string | undefined; version: string } {
  const [, name = '', relation, version = ''] = /^([^<>=]*)([<>]=?|=)?(.*)$/.exec(text) ?? [];
  return { name, relation, version };
}
