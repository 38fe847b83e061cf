import { relative } from 'node:path';
import { fullName, IMAGE_REFERENCE, imageName, isTooLong } from '../image-reference';
import { IMAGE_NAME, UNIT_NAME } from '../limits';
import { modeProblem } from '../mount-mode';
import { readPort } from '../port';
import { meant } from '../problems';
import type { Config } from '../schema';
import { parseSize } from '../size';
import { keptPaths } from '../state';
import { didYouMean } from '../suggest';
import { readText } from '../text-file';
import { type Taken, takenBy, takenByService } from './ports';
import { type Checked, isStated, isWithin, plainPath } from './rule';

type Container = Config['containers'][string];

/** The least that Docker gives a container. */
const LEAST_MEMORY = 6 * 2 ** 20;

/** The largest number of a user or a group in a container. */
const LAST_CONTAINER_ID = 2 ** 31 - 1;

/** Networks that are always there, and cannot be combined with others. */
const BUILT_IN = ['bridge', 'host', 'none'];

/** Checks containers: each for itself, and with the others. */
export function checkContainers(checked: Checked): void {
  const { config, wrong } = checked;
  const [first] = [...Object.keys(config.containers).map((name) => ['containers', name]), ['compose']];
  if (!config.docker.enabled && first !== undefined && isStated(checked, first))
    wrong(first, 'expected nothing that runs in Docker: docker.enabled is false');
  const taken: Taken[] = [];
  for (const [name, container] of Object.entries(config.containers)) {
    const keys = ['containers', name];
    if (Buffer.byteLength(`dock0-container-${name}.service`) > UNIT_NAME)
      wrong(keys, 'expected a shorter name');
    checkPorts(container, keys, taken, checked);
    checkVolumes(container, [...keys, 'volumes'], checked);
    checkEnvironment(container, [...keys, 'env_file'], checked);
    const { user = '0', secrets } = container;
    if (Object.keys(secrets).length > 0 && !/^\d+(:|$)/.test(user) && user !== 'root')
      checked.warn(
        [...keys, 'user'],
        `expected a number to read the secrets by, found ${JSON.stringify(user)}: they belong to root`,
      );
    const id = user.split(':').find((part) => /^\d+$/.test(part) && Number(part) > LAST_CONTAINER_ID);
    if (id !== undefined)
      wrong([...keys, 'user'], `expected an id of at most ${LAST_CONTAINER_ID}, found ${id}`);
    if (isTooLong(container.image))
      wrong([...keys, 'image'], `expected a name of at most ${IMAGE_NAME} letters in front of the tag`);
    if (container.memory !== undefined && parseSize(container.memory) < LEAST_MEMORY)
      wrong([...keys, 'memory'], `expected at least 6M, found ${container.memory}: Docker gives no less`);
  }
  checkNetworks(checked);
  checkOrder(checked);
}

function checkPorts(
  { ports, networks }: Container,
  keys: string[],
  taken: Taken[],
  { config, wrong, warn }: Checked,
): void {
  for (const [at, stated] of ports.entries()) {
    const place = [...keys, 'ports', String(at)];
    const port = readPort(stated);
    if ('problem' in port) {
      wrong(place, `${port.problem}, found ${JSON.stringify(stated)}`);
      continue;
    }
    const other = takenBy(port, stated, taken);
    if (other !== undefined) wrong(place, other);
    const ofServer = takenByService(port, config);
    taken.push({ port, of: place.join('.') });
    if (networks.includes('host'))
      wrong(place, "expected none: in the network host a container's ports are those of the machine");
    else if (networks.includes('none')) wrong(place, 'expected none: nothing reaches the network none');
    else if (ofServer !== undefined) warn(place, ofServer);
  }
}

function checkVolumes({ volumes }: Container, keys: string[], checked: Checked): void {
  const { config, wrong, warn } = checked;
  const seen = new Set<string>();
  for (const [at, stated] of volumes.entries()) {
    const place = [...keys, String(at)];
    const shown = JSON.stringify(stated);
    const [source = '', target, options = '', ...more] = stated.split(':');
    if (target === undefined || more.length > 0) {
      wrong(place, `expected SOURCE:PATH[:OPTIONS], found ${shown}`);
      continue;
    }
    if (!target.startsWith('/') || plainPath(target) === '/')
      wrong(place, `expected an absolute path in the container behind the colon, found ${shown}`);
    else if (seen.has(plainPath(target))) wrong(place, `expected each path once, found ${shown}`);
    seen.add(plainPath(target));
    const mode = options === '' ? undefined : modeProblem(options, source.startsWith('/'));
    if (mode !== undefined) wrong(place, `${mode}, found ${shown}`);
    if (!source.startsWith('/')) {
      if (!/^[a-zA-Z0-9][a-zA-Z0-9_.-]+$/.test(source))
        wrong(
          place,
          `expected an absolute path, or the name of a volume of two letters or more, in front of the colon, found ${shown}`,
        );
    } else if (!options.split(',').includes('ro') && isForgotten(plainPath(source), config))
      warn(place, `what the container writes to ${source} is lost at each reboot: no volume holds it`);
  }
}

/** Whether what is written to a path of the machine is gone after a reboot. */
function isForgotten(path: string, config: Config): boolean {
  if (config.install.cow !== 'tmpfs') return false;
  const volumes = Object.values(config.volumes).map(({ path }) => path);
  const kept = keptPaths(config).map(({ path }) => path);
  return ![...volumes, ...kept, ...SYSTEM].some((folder) => isWithin(plainPath(folder), path));
}

/** What nobody expects to be kept. */
const SYSTEM = ['/run', '/var/run', '/dev', '/proc', '/sys', '/tmp'];

/** Lines that Docker refuses (docker-run(1), --env-file). */
function checkEnvironment({ env_file: files }: Container, keys: string[], { wrong }: Checked): void {
  for (const [at, file] of files.entries()) {
    const name = relative(process.cwd(), file);
    const read = readText(file);
    if ('problem' in read) {
      wrong([...keys, String(at)], `${name}:${read.line}:${read.column}: ${read.problem}`);
      continue;
    }
    const lines = read.text.split(/\r?\n/);
    for (const [index, line] of lines.entries()) {
      const text = line.trimStart();
      if (text === '' || text.startsWith('#') || /^[^\s=]+(=|$)/.test(text)) continue;
      wrong(
        [...keys, String(at)],
        `expected NAME=VALUE lines in ${name}, line ${index + 1} is something else`,
      );
      break;
    }
  }
}

function checkNetworks({ config, wrong }: Checked): void {
  const all = Object.values(config.containers).flatMap(({ networks }) => networks);
  const shared = [...BUILT_IN, ...all.filter((name, at) => all.indexOf(name) < at)];
  for (const [name, { networks }] of Object.entries(config.containers)) {
    for (const [at, network] of networks.entries()) {
      const keys = ['containers', name, 'networks', String(at)];
      const near = shared.includes(network) ? undefined : didYouMean(network, shared);
      if (network === 'default')
        wrong(
          keys,
          'expected a network of Docker or a name of your own, found "default", which Docker keeps for itself; did you mean bridge?',
        );
      else if (networks.indexOf(network) < at)
        wrong(keys, `expected each network once, found ${JSON.stringify(network)} twice`);
      else if (near !== undefined)
        wrong(keys, `unknown network ${network}, that no other container is in${meant(near)}`);
      else if (['host', 'none'].includes(network) && networks.length > 1)
        wrong(keys, `expected ${network} alone, found it with other networks`);
    }
  }
}

function checkOrder({ config: { containers }, wrong }: Checked): void {
  const names = Object.keys(containers);
  for (const [name, { depends_on: needs }] of Object.entries(containers)) {
    for (const [at, other] of needs.entries()) {
      const keys = ['containers', name, 'depends_on', String(at)];
      if (!names.includes(other))
        wrong(
          keys,
          `expected one of \`containers\`, found ${JSON.stringify(other)}${meant(didYouMean(other, names))}`,
        );
      else {
        const round = wayTo(name, other, containers, []);
        // Said once, at the first of them.
        if (round?.every((each) => names.indexOf(each) >= names.indexOf(name)))
          wrong(keys, `containers wait for each other: ${[name, ...round].join(' -> ')}`);
      }
    }
  }
}

/** The containers on the way from one to another along depends_on, if there is one. */
function wayTo(
  end: string,
  from: string,
  containers: Config['containers'],
  passed: readonly string[],
): string[] | undefined {
  if (from === end) return [...passed, end];
  if (passed.includes(from)) return undefined;
  for (const next of containers[from]?.depends_on ?? []) {
    const way = wayTo(end, next, containers, [...passed, from]);
    if (way !== undefined) return way;
  }
  return undefined;
}

/** Checks the images of the release: what each is, and that none is there twice. */
export function checkImages({ config, wrong }: Checked): void {
  const seen = new Map<string, string>();
  for (const [at, stated] of config.images.entries()) {
    const keys = ['images', String(at)];
    const isPath = stated.startsWith('/');
    const problem = isPath ? undefined : referenceProblem(stated);
    if (problem !== undefined) wrong(keys, problem);
    else {
      const name = isPath ? stated : fullName(imageName(stated));
      const twin = seen.get(name);
      if (twin !== undefined) wrong(keys, `expected each image once, found that of ${twin} again`);
      seen.set(name, keys.join('.'));
    }
  }
}

function referenceProblem(stated: string): string | undefined {
  const shown = JSON.stringify(stated);
  if (/\.(tar|tgz|gz|xz|zst)$/.test(stated) && !stated.includes('/'))
    return `expected ./ in front of the name of a file, found ${shown}`;
  const [, transport] =
    /^(docker|docker-archive|oci|oci-archive|dir|docker-daemon|containers-storage):/.exec(stated) ?? [];
  if (transport !== undefined && stated.includes('/'))
    return `expected a reference without ${transport}:, or the path of an archive or folder, found ${shown}`;
  if (IMAGE_REFERENCE.test(stated) && isTooLong(stated))
    return `expected a name of at most ${IMAGE_NAME} letters in front of the tag`;
  if (IMAGE_REFERENCE.test(stated))
    return imageName(stated).tag === undefined
      ? `expected a tag in front of the digest, by which containers name the image, found ${shown}`
      : undefined;
  const lower = stated.toLowerCase();
  return `expected an image such as nginx:1.27, found ${shown}${meant(IMAGE_REFERENCE.test(lower) ? lower : undefined)}`;
}
