import { join } from 'node:path';
import type { Config } from '../config/schema';
import { Dock0Error } from '../error';
import { containerLogs, pruneFiles } from './logs';
import { link, type Placed, textFile } from './tree';

type Docker = Config['docker'];

/** A package of the image, as far as it counts here. */
interface Installed {
  name: string;
  version: string;
}

/** The packages that have Docker's daemon, by their names in all distributions. */
const ENGINES = ['docker.io', 'docker-ce', 'docker', 'moby-engine'];

/** The release that has the storage driver devicemapper no more (Docker's list of deprecated features). */
const WITHOUT_DEVICEMAPPER = 25;

/** The first release of which a fresh installation has its images in containerd's store, not in its own. */
const CONTAINERD_STORE = 29;

/** The Docker among packages, and its release: `20` of `20.10.24+dfsg1-1`, `28` of `5:28.1.1-1~debian`. */
export function dockerOf(packages: readonly Installed[]): (Installed & { release: number }) | undefined {
  const found = packages.find(({ name }) => ENGINES.includes(name));
  if (found === undefined) return undefined;
  const { name, version } = found;
  return { name, version, release: Number.parseInt(version.replace(/^\d+:/, ''), 10) };
}

/**
 * Refuses what the Docker of the image does not have, by its version.
 *
 * @throws Dock0Error naming the key, and what to state instead
 */
export function checkDocker(docker: Docker, packages: readonly Installed[]): void {
  const engine = dockerOf(packages);
  if (!docker.enabled || engine === undefined) return;
  if (docker.storage.driver !== 'devicemapper' || engine.release < WITHOUT_DEVICEMAPPER) return;
  throw new Dock0Error(
    `docker.storage.driver: ${engine.name} ${engine.version} has no storage driver devicemapper: Docker ${WITHOUT_DEVICEMAPPER} removed it`,
    {
      hint: 'State `docker: {storage: {driver: auto, volume: docker}}`, with a volume that holds the data; images are pulled again there.',
    },
  );
}

/**
 * The files that tell Docker and containerd where their data is, and how much they keep.
 *
 * @param resolver the name server of containers; undefined leaves it to Docker
 */
export function dockerFiles(
  { docker, logs, prune }: Pick<Config, 'docker' | 'logs' | 'prune'>,
  packages: readonly Installed[],
  resolver: string | undefined,
): Placed[] {
  if (!docker.enabled) return [];
  const { driver: stated, device, path, volume } = docker.storage;
  const release = dockerOf(packages)?.release ?? 0;
  const driver = driverOf(docker) ?? (usesContainerd(docker, release) ? undefined : 'overlay2');
  const chosen = driver === undefined ? {} : { 'storage-driver': driver };
  const dns = resolver === undefined ? {} : { dns: [resolver] };
  const daemon = { 'data-root': path, ...chosen, ...dns, ...logsOf(docker, logs), ...docker.daemon };
  return [
    textFile('etc/docker/daemon.json', `${JSON.stringify(daemon, null, 2)}\n`),
    // As dock0 does it: the thin pool's data file is a link to a device.
    ...(stated === 'devicemapper' && device !== undefined
      ? [link(join(path, 'devicemapper/devicemapper/data').slice(1), device)]
      : []),
    ...pruneFiles(prune),
    ...(volume === 'none' ? [] : [textFile(CONTAINERD, containerdUnit(join(path, 'containerd-root')))]),
  ];
}

/** Options of one driver are not those of another. */
function logsOf({ daemon }: Docker, logs: Config['logs']): Record<string, unknown> {
  return daemon['log-driver'] === undefined ? containerLogs(logs) : {};
}

/** The storage driver that is stated; undefined leaves it to Docker. */
function driverOf({ storage: { driver } }: Docker): string | undefined {
  return driver === 'auto' ? undefined : driver;
}

/** Whether a fresh installation has its images in containerd's store. */
function usesContainerd(docker: Docker, release: number): boolean {
  const features = docker.daemon.features as Record<string, unknown> | undefined;
  const stated = features?.['containerd-snapshotter'];
  if (typeof stated === 'boolean') return stated;
  return release >= CONTAINERD_STORE && driverOf(docker) === undefined;
}

const CONTAINERD = 'etc/systemd/system/containerd.service.d/dock0.conf';

/** Its store is no part of Docker's data folder, and would be on the root. */
function containerdUnit(folder: string): string {
  return `[Service]
ExecStart=
ExecStart=/usr/bin/containerd --root ${folder}
`;
}
