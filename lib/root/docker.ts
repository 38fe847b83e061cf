import { join } from 'node:path';
import type { Config } from '../config/schema';
import { Dock0Error } from '../error';
import { link, type Placed, textFile } from './tree';

type Docker = Config['docker'];

/** A package of the image, as far as it counts here. */
interface Installed {
  name: string;
  version: string;
}

/** The packages that have Docker's daemon, by their names in all distributions. */
const ENGINES = ['docker.io', 'docker-ce', 'docker', 'moby-engine'];

/** Storage drivers that Docker had once, and the release that has them no more (its list of deprecated features). */
const GONE: Readonly<Record<string, number>> = { aufs: 24, overlay: 24, devicemapper: 25 };

/** Storage drivers of Docker's own; other names are snapshotters of containerd's. */
const OWN = ['overlay2', 'fuse-overlayfs', 'vfs', 'btrfs', 'zfs', ...Object.keys(GONE)];

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
  const own = docker.daemon['storage-driver'];
  const driver = driverOf(docker);
  const since = GONE[driver ?? ''];
  if (since === undefined || engine.release < since) return;
  const key = own === undefined ? 'docker.storage.driver' : 'docker.daemon.storage-driver';
  throw new Dock0Error(
    `${key}: ${engine.name} ${engine.version} has no storage driver ${driver}: Docker ${since} removed it`,
    {
      hint: 'State `docker: {storage: {driver: auto, volume: docker}}`, with a volume that holds the data; images are pulled again there.',
    },
  );
}

/** The files that tell Docker and containerd where their data is. */
export function dockerFiles(docker: Docker, packages: readonly Installed[]): Placed[] {
  if (!docker.enabled) return [];
  const { driver: stated, device, path, volume } = docker.storage;
  const release = dockerOf(packages)?.release ?? 0;
  const driver = driverOf(docker) ?? (usesContainerd(docker, release) ? undefined : 'overlay2');
  const chosen = driver === undefined ? {} : { 'storage-driver': driver };
  const daemon = { 'data-root': path, ...chosen, ...docker.daemon };
  return [
    textFile('etc/docker/daemon.json', `${JSON.stringify(daemon, null, 2)}\n`),
    // As dock0 does it: the thin pool's data file is a link to a device.
    ...(stated === 'devicemapper' && device !== undefined
      ? [link(join(path, 'devicemapper/devicemapper/data').slice(1), device)]
      : []),
    ...(volume === 'none' ? [] : [textFile(CONTAINERD, containerdUnit(join(path, 'containerd-root')))]),
  ];
}

/** The storage driver that is stated, wherever; undefined leaves it to Docker. */
function driverOf({ storage, daemon }: Docker): string | undefined {
  const own = daemon['storage-driver'];
  if (typeof own === 'string') return own;
  return storage.driver === 'auto' ? undefined : storage.driver;
}

/** Whether a fresh installation has its images in containerd's store. */
function usesContainerd(docker: Docker, release: number): boolean {
  const features = docker.daemon.features as Record<string, unknown> | undefined;
  const stated = features?.['containerd-snapshotter'];
  if (typeof stated === 'boolean') return stated;
  const driver = driverOf(docker);
  return release >= CONTAINERD_STORE && (driver === undefined || !OWN.includes(driver));
}

const CONTAINERD = 'etc/systemd/system/containerd.service.d/dock0.conf';

/** Its store is no part of Docker's data folder, and would be on the root. */
function containerdUnit(folder: string): string {
  return `[Service]
ExecStart=
ExecStart=/usr/bin/containerd --root ${folder}
`;
}
