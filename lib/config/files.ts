import { statSync } from 'node:fs';
import { dirname, relative } from 'node:path';
import { codeOf, messageOf } from '../error';
import { fileKind } from '../system/file-kind';
import { listed, merge } from './merge';
import type { Entry, MapNode, Node, Place, Source } from './node';
import { pathProblem } from './paths';
import { describe } from './problems';
import { splitKeys } from './references';
import { Resolver } from './resolve';
import type { World } from './stated-path';
import { type FileText, readText } from './text-file';
import { checkKeys } from './validate';
import { readYaml } from './yaml';
import { keyProblem } from './yaml-values';

/**
 * Reads a file and what it includes.
 *
 * @param path absolute
 * @param stated where the file is named, for problems
 * @param above the files that include this one, outermost first
 * @returns the trees, the lowest first, the file's own last
 */
export function readStack(
  path: string,
  stated: { place: Place; keys: readonly string[] },
  world: World,
  above: readonly string[] = [],
): MapNode[] {
  const { cwd, problems } = world;
  const fail = (message: string): MapNode[] => {
    problems.add(stated.place, stated.keys, message);
    problems.broken = true;
    return [];
  };
  if (above.includes(path)) {
    const round = [...above.slice(above.indexOf(path)), path].map((file) => relative(cwd, file));
    return fail(`includes itself: ${round.join(' -> ')}`);
  }
  let read: FileText;
  try {
    const found = statSync(path);
    // Nobody may ever write to a pipe.
    if (!found.isFile()) return fail(`expected a file, it is ${fileKind(found)}`);
    read = readText(path);
  } catch (error) {
    return fail(['ENOENT', 'ENOTDIR'].includes(codeOf(error) ?? '') ? 'no such file' : messageOf(error));
  }
  world.files.add(path);
  const source = sourceOf(path, cwd);
  if ('problem' in read) {
    problems.add({ source, line: read.line, column: read.column }, [], read.problem);
    problems.broken = true;
    return [];
  }
  const tree = asTree(readYaml(read.text, source, problems), source, world);
  const entry = tree.entries.get('include');
  if (entry === undefined) return [tree];
  const entries = new Map(tree.entries);
  entries.delete('include');
  const below = includes(entry, tree.place, world).flatMap(({ path: included, place }) =>
    readStack(included, { place, keys: ['include'] }, world, [...above, path]),
  );
  return [...below, { ...tree, entries }];
}

/**
 * The tree of a `--set key.path=value` flag, its value read as YAML.
 *
 * @returns undefined for an invalid flag, which is then among the problems
 */
export function readSetting(flag: string, world: World): MapNode | undefined {
  const equals = flag.indexOf('=');
  const keys = equals === -1 ? undefined : splitKeys(flag.slice(0, equals));
  const name = `--set ${equals === -1 ? flag : flag.slice(0, equals)}`;
  const source: Source = { name, folder: world.cwd, lines: false };
  const place = { source, line: 1, column: 1 };
  if (keys === undefined) {
    world.problems.add(place, [], 'expected key.path=value, such as --set squash.level=15');
    return undefined;
  }
  if (keys[0] === 'include') {
    world.problems.add(
      place,
      [],
      'a flag includes no file; write include in a file, or stack it by --config',
    );
    return undefined;
  }
  for (const key of keys) {
    const problem = keyProblem(key);
    if (problem !== undefined) world.problems.add(place, keys, problem);
  }
  const value = readYaml(flag.slice(equals + 1), source, world.problems, keys) ?? {
    kind: 'scalar',
    value: null,
    place,
  };
  const nested = keys.reduceRight<Node>(
    (inner, key) => ({ kind: 'map', entries: new Map([[key, { key: place, value: inner }]]), place }),
    value,
  );
  return asTree(nested, source, world);
}

/** Merges trees, the first one lowest. */
export function stack(trees: readonly MapNode[], place: Place): MapNode {
  return trees.reduce(merge, { kind: 'map', entries: new Map(), place });
}

/** The start of a file or flag, as the place of all of it. */
function wholeOf(source: Source): Place {
  return { source, line: 1, column: 1 };
}

function sourceOf(path: string, cwd: string): Source {
  return { name: relative(cwd, path) || path, folder: dirname(path), lines: true };
}

/** A document as a tree, with its keys checked and single values made lists. */
function asTree(node: Node | undefined, source: Source, world: World): MapNode {
  const { problems, schema } = world;
  const empty: MapNode = { kind: 'map', entries: new Map(), place: wholeOf(source) };
  if (node === undefined || (node.kind === 'scalar' && node.value === null)) return empty;
  if (node.kind !== 'map') {
    problems.add(node.place, [], `expected a map of keys, found ${describe(node)}`);
    problems.broken = true;
    return empty;
  }
  checkKeys(node, world);
  return listed(node, schema) as MapNode;
}

/** The files that an `include` names, with their places; a missing one is a problem, and left out. */
function includes(entry: Entry, place: Place, world: World): { path: string; place: Place }[] {
  const nothing: MapNode = { kind: 'map', entries: new Map(), place };
  const { value } = entry;
  if (value.kind === 'map') {
    const names = [...value.entries.keys()].join(', ');
    world.problems.add(
      entry.key,
      ['include'],
      `expected a file or a list of them, found a map; write include: [${names}]`,
    );
    world.problems.broken = true;
    return [];
  }
  for (const item of value.kind === 'list' ? value.items : [value]) {
    if (item.kind === 'scalar' && typeof item.value === 'string' && /\$\{(?!env:)/.test(item.value)) {
      world.problems.add(
        item.place,
        ['include'],
        'expected no reference other than $'.concat('{env:NAME} here'),
      );
      world.problems.broken = true;
      return [];
    }
  }
  const own: MapNode = { kind: 'map', entries: new Map([['include', entry]]), place };
  const resolved = new Resolver(nothing, world).other(own).entries.get('include')?.value;
  const found: { path: string; place: Place }[] = [];
  for (const item of resolved?.kind === 'list' ? resolved.items : []) {
    if (item.kind !== 'scalar' || typeof item.value !== 'string') {
      world.problems.add(
        item.place,
        ['include'],
        `expected a file or a list of them, found ${describe(item)}`,
      );
    } else if (!item.failed && pathProblem(item.value, '', { path: 'file' }) === undefined) {
      found.push({ path: item.value, place: item.place });
      continue;
    }
    world.problems.broken = true;
  }
  return found;
}
