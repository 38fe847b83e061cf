import { meant } from '../problems';
import { didYouMean } from '../suggest';
import { type Checked, found, isWithin, plainPath } from './rule';

/** Docker's data needs a volume, or devicemapper's device: the root is read-only, and changes to it may be lost. */
export function checkDocker(checked: Checked): void {
  const { docker } = checked.config;
  if (!docker.enabled) return;
  checkDriver(checked);
  checkData(checked);
}

function checkData(checked: Checked): void {
  const { config, wrong } = checked;
  const { volumes } = config;
  const { driver, volume, device, path } = config.docker.storage;
  const key = ['docker', 'storage', 'volume'];
  if (device !== undefined && driver !== 'devicemapper') {
    wrong(['docker', 'storage', 'device'], `expected only with driver devicemapper, found driver ${driver}`);
  }
  if (volume === 'none') {
    if (driver === 'devicemapper' && device !== undefined) return;
    const instead = 'a volume, or driver devicemapper with a device';
    wrong(key, `expected ${instead}, found none: the data would be on the read-only root`);
    return;
  }
  const holding = Object.entries(volumes).filter(([, { path: mounted }]) =>
    isWithin(plainPath(mounted), plainPath(path)),
  );
  if (holding.some(([name]) => name === volume)) {
    checkOptions(volume, checked);
    return;
  }
  const names = holding.map(([name]) => name);
  const near = didYouMean(volume, names);
  const known = names.length === 0 ? '' : ` (${names.join(', ')})`;
  const stated = found(checked, key);
  const shown = stated === 'nothing' ? `the default, ${JSON.stringify(volume)}` : stated;
  const why = Object.hasOwn(volumes, volume)
    ? `it is mounted on ${volumes[volume]?.path}, so the data would be on the read-only root`
    : 'there is no such volume, so the data would be on the read-only root';
  wrong(
    key,
    `expected one of \`volumes\` that holds ${path}${known}, found ${shown}: ${why}${meant(near)}`,
    stated === 'nothing' ? ['volumes'] : key,
  );
}

/** Options with which Docker cannot use the volume that holds its data. */
const USELESS: Readonly<Record<string, string>> = {
  ro: 'Docker writes to this volume',
  noexec: 'containers run their programs from this volume',
};

function checkOptions(volume: string, { config, wrong, warn }: Checked): void {
  const options = config.volumes[volume]?.options ?? [];
  for (const [at, option] of options.entries()) {
    const keys = ['volumes', volume, 'options', String(at)];
    const why = USELESS[option];
    if (why !== undefined) wrong(keys, `expected no ${option} here: ${why}`);
    if (option === 'nofail')
      warn(
        keys,
        "without its disk the machine starts all the same, and Docker's data is in memory until it is off",
      );
  }
}

/** What a driver needs of the file system below it (docker's documentation of storage drivers). */
function checkDriver({ config, wrong }: Checked): void {
  const { driver, volume } = config.docker.storage;
  const keys = ['docker', 'storage', 'driver'];
  const type = config.volumes[volume]?.type;
  if (driver === 'zfs')
    wrong(keys, 'expected overlay2, btrfs or vfs, found zfs: no volume can be of that type');
  if (driver === 'btrfs' && type !== undefined && type !== 'btrfs')
    wrong(keys, `expected overlay2, or a volume of type btrfs, found btrfs: volumes.${volume} is ${type}`);
}
