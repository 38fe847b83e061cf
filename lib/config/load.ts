import { dirname, join, resolve } from 'node:path';
import { defaultFile } from './default-file';
import { readSetting, readStack, stack } from './files';
import { flagPlace, hostFile } from './hosts';
import { common, merge, removals } from './merge';
import { type MapNode, nodeAt, type Place, toPlain } from './node';
import { type Own, project } from './own';
import { packageFolder } from './paths';
import { Problems } from './problems';
import { Resolver } from './resolve';
import { checkRules } from './rules';
import { type Config, schema } from './schema';
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
}

export interface LoadedConfig {
  /** What all hosts share. */
  base: Config;
  /** In the order of `--host`. */
  hosts: HostConfig[];
  /** All files that were read, absolute, sorted. */
  files: string[];
  /** The environment variables that `${env:NAME}` read, with their values. */
  envUsed: Record<string, string>;
}

/**
 * Loads the configuration: stacks files and flags, replaces references, makes paths absolute, validates.
 *
 * @throws ConfigError with everything that is wrong, over all files and hosts
 */
export function loadConfig(options: LoadOptions = {}): LoadedConfig {
  const cwd = resolve(options.cwd ?? process.cwd());
  const problems = new Problems();
  const env = options.env ?? process.env;
  const world: World = { schema, cwd, env, problems, envUsed: {}, files: new Set() };
  const steps = options.steps ?? [];

  const files = filesOf(options.files, cwd);
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
  const base = evaluate([...trees, ...settings], last.place, lockFolder, steps, world);
  const hosts = hostTrees.map(({ name, trees: own }): HostConfig => {
    const whole = evaluate([...trees, ...own, ...settings], last.place, lockFolder, steps, world);
    return {
      name,
      config: whole.config,
      own: ownOf(own, settings, whole.config, base.config, whole.resolver),
    };
  });
  checkNames(hosts, problems, cwd);
  problems.throwIfAny();
  const sorted = [...world.files].sort();
  return { base: base.config, hosts, files: sorted, envUsed: world.envUsed };
}

interface StatedFile {
  path: string;
  place: Place;
}

function filesOf(stated: readonly string[] | undefined, cwd: string): StatedFile[] {
  if (stated !== undefined && stated.length > 0) {
    return stated.map((file) => ({ path: resolve(cwd, file), place: flagPlace('--config', file, cwd) }));
  }
  const path = defaultFile(cwd);
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

/** Merges, resolves and validates; the result is only valid if there are no problems in the end. */
function evaluate(
  trees: readonly MapNode[],
  place: Place,
  lockFolder: string,
  steps: readonly string[],
  world: World,
): { config: Config; resolver: Resolver } {
  const root = stack(trees, place);
  const resolver = new Resolver(root, world);
  const resolved = resolver.all();
  const { config: whole, bad } = validate(resolved, schema, world.problems);
  const { include: _, ...rest } = whole;
  // One that is set is absolute by now.
  const lock = rest.lock === 'none' ? rest.lock : resolve(lockFolder, rest.lock);
  const config: Config = { ...rest, hostname: rest.hostname ?? rest.name, lock };
  if (!world.problems.broken) checkRules(config, resolved, bad, steps, world.problems);
  return { config, resolver };
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

/** Hosts with the same name would share an output folder. */
function checkNames(hosts: readonly HostConfig[], problems: Problems, cwd: string): void {
  const owners = new Map<string, string>();
  for (const { name, config } of hosts) {
    const other = owners.get(config.name);
    if (other !== undefined) {
      const message = `expected a unique name, found ${JSON.stringify(config.name)}, which host ${other} has too`;
      problems.add(flagPlace('--host', name, cwd), ['name'], message);
    }
    owners.set(config.name, name);
  }
}
