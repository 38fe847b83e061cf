import { dirname, relative } from 'node:path';
import { type ComposePort, composePorts } from './compose-ports';
import { type MapNode, type Node, type Place, placeOf, type Source, toPlain } from './node';
import { describe, formatPlace, Problems } from './problems';
import { readText } from './text-file';
import { readYaml } from './yaml';

/** A service that `compose up` starts. */
export interface ComposeService {
  name: string;
  /** Its `restart`: `no` where the file does not say. */
  restart: string;
}

/** What a file of Compose comes to: its services, or what is wrong with it, each a line with its place; and what is odd. */
export interface Compose {
  services: ComposeService[];
  /** The ports that these services publish. */
  ports: ComposePort[];
  problems: string[];
  warnings: string[];
}

/**
 * Reads a file of Compose (the Compose Specification) as far as a machine is concerned that has nothing but this file:
 * all its services need an image, and no other file.
 *
 * @throws system errors when it cannot be read
 */
export function readCompose(path: string): Compose {
  const source: Source = {
    name: relative(process.cwd(), path) || path,
    folder: dirname(path),
    lines: true,
  };
  const compose: Compose = { services: [], ports: [], problems: [], warnings: [] };
  const at = (place: Place, keys: readonly string[], what: string): string =>
    `${formatPlace(place, keys)}: ${what}`;
  const read = readText(path);
  if ('problem' in read) {
    compose.problems.push(at({ source, line: read.line, column: read.column }, [], read.problem));
    return compose;
  }
  const problems = new Problems();
  const root = readYaml(read.text, source, problems, [], 'compose');
  compose.problems.push(...problems.lines());
  if (compose.problems.length > 0) return compose;
  const services = childOf(root, 'services');
  if (root?.kind !== 'map' || services?.kind !== 'map' || services.entries.size === 0) {
    const place = services?.place ?? root?.place ?? { source, line: 1, column: 1 };
    compose.problems.push(at(place, ['services'], `expected a map of services, found ${describe(services)}`));
    return compose;
  }
  const wrong = (keys: readonly string[], what: string): void => {
    compose.problems.push(at(placeOf(root, keys), keys, what));
  };
  for (const keys of filesBeside(root)) wrong(keys, OTHER_FILE);
  for (const [name, { value: service }] of services.entries) {
    const keys = ['services', name];
    if (service.kind !== 'map') {
      wrong(keys, `expected a map, found ${describe(service)}`);
      continue;
    }
    if (!service.entries.has('image') && !service.entries.has('extends'))
      wrong(
        keys,
        'expected an image: the machine builds none; build it beforehand, and name it here and in `images`',
      );
    if (isBoundBeside(service))
      compose.warnings.push(
        at(
          placeOf(root, [...keys, 'volumes']),
          [...keys, 'volumes'],
          'a relative path is below /usr/lib/dock0 of the machine, where nothing is',
        ),
      );
    if (!isStarted(service)) continue;
    compose.services.push({ name, restart: restartOf(service) });
    const ports = composePorts(service, keys);
    const count = replicasOf(service);
    for (const { stated, of } of count > 1 ? ports : [])
      wrong(
        of.split('.'),
        `expected a range such as 8000-${7999 + count}:80, found "${stated}": ${count} containers of the service cannot all have it`,
      );
    compose.ports.push(...ports);
  }
  return compose;
}

const OTHER_FILE =
  'expected nothing of a file beside this one, which the machine does not have: an absolute path';

/** The keys that name files relative to this one. */
function filesBeside(root: MapNode): string[][] {
  const named: [keys: string[], node: Node | undefined][] = [[['include'], childOf(root, 'include')]];
  const each = (key: string): [string, Node][] => {
    const map = childOf(root, key);
    return map?.kind === 'map' ? [...map.entries].map(([name, { value }]) => [name, value]) : [];
  };
  for (const [name, service] of each('services')) {
    const keys = ['services', name];
    named.push([[...keys, 'env_file'], childOf(service, 'env_file')]);
    named.push([[...keys, 'extends', 'file'], childOf(childOf(service, 'extends'), 'file')]);
  }
  for (const key of ['configs', 'secrets'])
    for (const [name, item] of each(key)) named.push([[key, name, 'file'], childOf(item, 'file')]);
  return named.flatMap(([keys, node]) => (isBeside(node) ? [keys] : []));
}

/** Whether a file, or one of a list of files, is relative; each may be a map with its `path`. */
function isBeside(node: Node | undefined): boolean {
  if (node === undefined) return false;
  if (node.kind === 'list') return node.items.some(isBeside);
  if (node.kind === 'map') return isBeside(childOf(node, 'path'));
  return node.value !== null && !/^[/$]/.test(String(node.value));
}

function childOf(node: Node | undefined, key: string): Node | undefined {
  return node?.kind === 'map' ? node.entries.get(key)?.value : undefined;
}

/** Whether one of the service's volumes is a path relative to the file. */
function isBoundBeside(service: MapNode): boolean {
  const volumes = childOf(service, 'volumes');
  if (volumes?.kind !== 'list') return false;
  return volumes.items.some((item) => {
    const from = item.kind === 'map' ? childOf(item, 'source') : item;
    return from?.kind === 'scalar' && /^\.{1,2}\//.test(String(from.value));
  });
}

/** How many containers a service has. */
function replicasOf(service: MapNode): number {
  const replicas = childOf(childOf(service, 'deploy'), 'replicas') ?? childOf(service, 'scale');
  return replicas?.kind === 'scalar' && typeof replicas.value === 'number' ? replicas.value : 1;
}

/** A service of a profile starts when somebody asks for it, one scaled to nothing does not. */
function isStarted(service: MapNode): boolean {
  const profiles = childOf(service, 'profiles');
  const none = profiles?.kind !== 'list' || profiles.items.length === 0;
  return none && replicasOf(service) > 0;
}

function restartOf(service: MapNode): string {
  const restart = childOf(service, 'restart');
  const value = restart === undefined ? 'no' : toPlain(restart);
  // `no` without quotes is a word in YAML 1.2, and false in 1.1.
  return value === false || value === null ? 'no' : String(value).replace(/:.*/, '');
}
