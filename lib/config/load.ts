import { dirname, join, resolve } from 'node:path';
import { maskedError } from '../error';
import { defaultFile } from './default-file';
import { readSetting, readStack, stack } from './files';
import { hidingParts, type Listener } from './hiding-parts';
import { checkNames, flagPlace, hostFile } from './hosts';
import { common, merge, removals } from './merge';
import { type MapNode, nodeAt, type Place, placeOf, toPlain } from './node';
import { type Own, project } from './own';
import { namedBelow, packageFolder } from './paths';
import { distributionName, type Platform, type Platforms, releaseName } from './platform';
import { formatPlace, Problems, type Wrong } from './problems';
import { checkRemovals } from './removals';
import { Resolver } from './resolve';
import { checkRules } from './rules';
import { checkSecrets, noEffectBy } from './rules/effect';
import { type Config, schema } from './schema';
import { maskOf } from './shown';
import { type ShownAt, shownIn } from './shown-at';
import type { World } from './stated-path';
import { validate } from './validate';

export interface LoadOptions {
  /** `--config`, left to right; none: `dock0.yaml` in `cwd` if there is one, else the default of the package. */
  files?: readonly string[] | undefined;
  /** `--host`. */
  hosts?: readonly string[] | undefined;
  /** `--set`, each `key.path=value`. */
  set?: readonly string[] | undefined;
  /** Where relative paths of flags start; default: the process's. */
  cwd?: string | undefined;
  /** What `${env:NAME}` reads; default: the process's. */
  env?: Readonly<Record<string, string | undefined>> | undefined;
  platforms: Platforms;
  /** The steps that `hooks` may name; default: none. */
  steps?: readonly string[] | undefined;
}

/** One machine to build for. */
export interface HostConfig {
  name: string;
  /** The shared configuration with the host's on top. */
  config: Config;
  /**
   * The part of `config` that the host's own files set, which its layer is made of. Of a list tagged `!append` it has
   * the host's items only. `name` is always there, `hostname` where it differs from the shared one.
   */
  own: Own;
  placeOf: PlaceOf;
  shownAt: ShownAt;
}

/** The place of a key, as messages have it: `dock0.yaml:3:12: packages.0`. */
export type PlaceOf = (keys: readonly string[]) => string;

export interface LoadedConfig {
  /** What all hosts share. */
  base: Config;
  placeOf: PlaceOf;
  shownAt: ShownAt;
  /** In the order of `--host`. */
  hosts: HostConfig[];
  /** All files that were read, absolute, sorted. */
  files: string[];
  /** The values that came from outside, by their references: `env:HOME`, `secret:TOKEN`. */
  outside: Record<string, string>;
  /** What can be built but is hardly what was meant, each a line that names its place. */
  warnings: string[];
}

/** A configuration that is read, and complete once its distributions are known. */
export interface ReadConfig {
  /** The distributions that it and its hosts name. */
  distributions: string[];
  /**
   * Resolves what depends on the distributions and applies the rules.
   *
   * @param known `distributions`, by name
   * @throws ConfigError with everything that is wrong, over all files and hosts
   */
  finish: (known: ReadonlyMap<string, Platform>) => LoadedConfig;
}

/** Reads the configuration: stacks files and flags, replaces references, makes paths absolute, validates. */
export function readConfig(options: LoadOptions): ReadConfig {
  const cwd = resolve(options.cwd ?? process.cwd());
  const outside: World['outside'] = {};
  const problems = new Problems((line) => maskOf(outside)(line));
  const env = options.env ?? process.env;
  const world: World = { schema, cwd, env, problems, outside, files: new Set() };
  return withoutSecrets(outside, () => {
    const { distributions, finish } = readWorld(options, world);
    return { distributions, finish: (known) => withoutSecrets(outside, () => finish(known)) };
  });
}

/** Whatever fails says nothing of the secrets that were read until then. */
function withoutSecrets<T>(outside: World['outside'], work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw maskedError(error, maskOf(outside));
  }
}

function readWorld(options: LoadOptions, world: World): ReadConfig {
  const { cwd, problems } = world;
  const { platforms, steps = [] } = options;

  const files = filesOf(options.files, cwd, platforms.host);
  const trees = files.flatMap(({ path, place }) => readStack(path, { place, keys: [] }, world));
  const last = files[files.length - 1] as StatedFile;
  const settings = (options.set ?? []).flatMap((flag) => readSetting(flag, world) ?? []);
  const hostTrees = [...new Set(options.hosts)].map((name) => ({
    name,
    trees: treesOfHost(
      name,
      files.map(({ path }) => path),
      world,
    ),
  }));

  const lockFolder = lockFolderOf(last.path, cwd);
  const evaluated = (more: readonly MapNode[]): Evaluated =>
    evaluate([...trees, ...more, ...settings], last.place, lockFolder, platforms, world);
  const shared = evaluated([]);
  const own = hostTrees.map((host) => ({ ...host, whole: evaluated(host.trees) }));
  const all = [shared, ...own.map(({ whole }) => whole)];

  if (!problems.broken)
    for (const { trees: more } of own.length === 0 ? [{ trees: [] }] : own)
      checkRemovals([...trees, ...more, ...settings], world);

  const aboutKeys = (root: MapNode): { placeOf: PlaceOf; shownAt: ShownAt } => ({
    placeOf: placesIn(root),
    shownAt: shownIn(root, world.outside),
  });

  const finish: ReadConfig['finish'] = (known) => {
    const check = (): Config => complete(shared, known, steps, world);
    // What is built is the hosts: what they have to be told of is noted for each of them.
    const base = own.length === 0 ? check() : problems.withoutNotes(check);
    const hosts = own.map(({ name, trees, whole }): HostConfig => {
      const config = complete(whole, known, steps, world);
      const own = ownOf(trees, settings, config, base, whole.resolver);
      return { name, config, own, ...aboutKeys(whole.resolved) };
    });
    checkNames(hosts, problems, cwd);
    checkSecrets(shared.resolved, world);
    problems.throwIfAny();
    const warnings = problems.warnings();
    return {
      ...{ base, hosts, warnings, outside: world.outside, files: [...world.files].sort() },
      ...aboutKeys(shared.resolved),
    };
  };
  return { distributions: [...new Set(all.flatMap(({ distribution }) => distribution ?? []))], finish };
}

interface StatedFile {
  path: string;
  place: Place;
}

function filesOf(stated: readonly string[] | undefined, cwd: string, host: string | undefined): StatedFile[] {
  if (stated !== undefined && stated.length > 0) {
    return stated.map((file) => {
      return { path: namedBelow(cwd, resolve(cwd, file)), place: flagPlace('--config', file, cwd) };
    });
  }
  const path = defaultFile(cwd, host);
  return [{ path, place: flagPlace('--config', path, cwd) }];
}

/** The folder of the default lock file: that of the configuration, but not one of this package. */
function lockFolderOf(lastFile: string, cwd: string): string {
  const folder = dirname(lastFile);
  const shipped = join(packageFolder(), 'configs');
  return folder === shipped || folder.startsWith(`${shipped}/`) ? cwd : folder;
}

/** The trees of a host; the lowest one names the build after it. */
function treesOfHost(name: string, files: readonly string[], world: World): MapNode[] {
  const path = hostFile(name, world.cwd, files, world.problems);
  if (path === undefined) return [];
  const place = flagPlace('--host', name, world.cwd);
  return [single('name', name, place), ...readStack(path, { place, keys: [] }, world)];
}

function single(key: string, value: string, place: Place): MapNode {
  return {
    kind: 'map',
    entries: new Map([[key, { key: place, value: { kind: 'scalar', value, place } }]]),
    place,
  };
}

/** A configuration before its distribution is known. */
interface Evaluated {
  config: Config;
  /** The name of its distribution; undefined where it has none that is known. */
  distribution: string | undefined;
  resolved: MapNode;
  /** Told what is wrong with it, and what is odd. */
  listener: Listener;
  bad: ReadonlySet<string>;
  resolver: Resolver;
  /** The position of each source in the stack, by name. */
  order: ReadonlyMap<string, number>;
}

/** Merges, resolves and validates; the configuration is of use when there are no problems in the end. */
function evaluate(
  trees: readonly MapNode[],
  place: Place,
  lockFolder: string,
  platforms: Platforms,
  world: World,
): Evaluated {
  const root = stack(trees, place);
  const resolver = new Resolver(root, world);
  const resolved = resolver.all();
  const { config: whole, bad } = validate(resolved, schema, world.problems);
  const { include: _, ...rest } = whole;
  // One that is set is absolute by now.
  const lock = rest.lock === 'none' ? rest.lock : resolve(lockFolder, rest.lock);
  const config: Config = { ...rest, hostname: rest.hostname ?? rest.name, lock };
  const listener = hidingParts(world.problems, resolved, world.outside);
  const wrong = reporter(resolved, bad, listener);
  const distribution =
    world.problems.broken || bad.has('distribution') ? undefined : distributionName(config, platforms, wrong);
  const order = new Map(trees.map(({ place: { source } }, at) => [source.name, at]));
  return { config, distribution, resolved, listener, bad, resolver, order };
}

/** Resolves what is `auto` of the distribution's and applies the rules. */
function complete(
  { config: evaluated, distribution, resolved, listener, bad, order }: Evaluated,
  known: ReadonlyMap<string, Platform>,
  steps: readonly string[],
  { problems }: World,
): Config {
  if (problems.broken) return evaluated;
  const warn: Wrong = (keys, message, at = keys) => listener.warn(placeOf(resolved, at), keys, message);
  const noEffect = noEffectBy({ root: resolved }, order, warn);
  checkRules(evaluated, resolved, bad, steps, listener, noEffect);
  const platform = distribution === undefined ? undefined : known.get(distribution);
  if (distribution === undefined || platform === undefined) return evaluated;
  const wrong = reporter(resolved, bad, listener);
  const named = { ...evaluated, distribution };
  const config = { ...named, release: releaseName(named, platform, wrong) };
  if (platform.release === undefined)
    noEffect(['release'], ['distribution'], `${distribution} has no releases`);
  platform.check(config, wrong, { warn, noEffect });
  return config;
}

/** Reports a key at its line, unless something is wrong with it in itself. */
function reporter(root: MapNode, bad: ReadonlySet<string>, listener: Listener): Wrong {
  return (keys, message, at = keys) => {
    if (!bad.has(keys[0] ?? '')) listener.add(placeOf(root, at), keys, message);
  };
}

function placesIn(root: MapNode): PlaceOf {
  return (keys) => formatPlace(placeOf(root, keys), keys);
}

/** What a host's files set, with the values that the host's configuration has after flags. */
function ownOf(
  trees: readonly MapNode[],
  settings: readonly MapNode[],
  config: Config,
  base: Config,
  resolver: Resolver,
): Own {
  const [first] = trees;
  if (first === undefined) return { name: config.name };
  const stated = stack(trees, first.place);
  const set = stack(settings, first.place);
  const tree = resolver.other(merge(stated, common(set, stated)));
  const removed = trees
    .flatMap((tree) => [...removals(tree)])
    .filter((keys) => nodeAt(tree, keys) === undefined);
  const own = project(toPlain(tree) as Record<string, unknown>, config, removed);
  return { ...own, ...(config.hostname === base.hostname ? {} : { hostname: config.hostname }) };
}
