import type { Config } from './schema';
import { parseSize } from './size';

type Volumes = Config['volumes'];

/** Why a volume has no partition, though `install.volumes` names it, and the key that decides; undefined where it has one. */
export function whyNoPartition(
  { install, volumes }: Pick<Config, 'install' | 'volumes'>,
  name: string,
): { because: string[]; why: string } | undefined {
  const { target, layout } = install;
  if (target !== 'image')
    return { because: ['install', 'target'], why: `install.target is ${target}, which has no disk image` };
  if (layout !== 'gpt')
    return { because: ['install', 'layout'], why: `install.layout is ${layout}, which has no partitions` };
  const because = ['volumes', name];
  const volume = Object.hasOwn(volumes, name) ? volumes[name] : undefined;
  if (volume === undefined) return { because, why: `there is no volume ${name}` };
  const { label, uuid, device, create } = volume;
  if (label === undefined || uuid !== undefined || device !== undefined || create)
    return { because, why: `volumes.${name} says by more than a label where it is` };
  return undefined;
}

/** The volumes that are partitions of the disk with the releases, in order: the one that takes the rest is the last. */
export function diskVolumes(config: Pick<Config, 'install' | 'volumes'>): { name: string; size: string }[] {
  const all = Object.entries(config.install.volumes)
    .filter(([name]) => whyNoPartition(config, name) === undefined)
    .map(([name, { size }]) => ({ name, size }));
  return [...all.filter(({ size }) => size !== 'rest'), ...all.filter(({ size }) => size === 'rest')];
}

/** The name of a volume's partition in the table of its disk. */
export function partitionName(volume: string): string {
  return `volume-${volume}`;
}

/** The volumes as the machine finds them: a partition is formatted where it is empty. */
export function bootVolumes(config: Pick<Config, 'install' | 'volumes'>): Volumes {
  const made = diskVolumes(config).map(({ name }) => {
    const volume = config.volumes[name] as Volumes[string];
    return [name, { ...volume, create: true, device: `PARTLABEL=${partitionName(name)}` }] as const;
  });
  return { ...config.volumes, ...Object.fromEntries(made) };
}

/**
 * The table of the partitions that a machine makes at its first boot behind that of the releases: one a line, NAME SIZE
 * separated by a tab, in MiB or `rest`. Undefined where the disk has no partitions.
 */
export function partitionTable(config: Pick<Config, 'install' | 'volumes'>): string | undefined {
  const { target, layout } = config.install;
  if (target !== 'image' || layout !== 'gpt') return undefined;
  return diskVolumes(config)
    .map(({ name, size }) => `${partitionName(name)}\t${mebibytesOf(size)}\n`)
    .join('');
}

/** The size of a volume's partition in whole mebibytes, where it does not take the rest. */
export function mebibytesOf(size: string): number | 'rest' {
  return size === 'rest' ? size : Math.ceil(parseSize(size) / 2 ** 20);
}

/** The partition that takes the rest of the disk; undefined where none does. */
export function growingVolume(config: Pick<Config, 'install' | 'volumes'>): string | undefined {
  return diskVolumes(config).find(({ size }) => size === 'rest')?.name;
}
