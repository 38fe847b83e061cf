import { LABEL_BYTES } from '../limits';
import { meant, type Wrong } from '../problems';
import type { Config } from '../schema';
import { keptPaths, stateVolume } from '../state';
import { didYouMean } from '../suggest';
import { isOfSystem, realPlace } from './places';
import { type Checked, exactlyOne, isWithin, plainPath, REMOVE } from './rule';

const WHEREABOUTS = ['label', 'uuid', 'device'] as const;

type Where = { [K in (typeof WHEREABOUTS)[number]]?: string | undefined };

/** Folders that are mounted at boot, over whatever is there. */
const MOUNTED = ['/run', '/dev', '/proc', '/sys'];

/** Checks how file systems are found, that no two of them are the same, and where they are mounted. */
export function checkVolumes(checked: Checked): void {
  const { config, wrong } = checked;
  for (const [name, volume] of Object.entries(config.volumes)) {
    const keys = ['volumes', name];
    if (volume.create) checkCreate(volume, [...keys, 'create'], wrong);
    else exactlyOne(volume, WHEREABOUTS, keys, wrong);
    checkLabel(volume.label, volume.type, [...keys, 'label'], checked);
    checkPlace(volume.path, [...keys, 'path'], checked);
    checkOptions(volume, [...keys, 'options'], checked);
  }
  checkTwins(checked);
}

/** Checks the file system that keeps changes to the root. */
export function checkCow(checked: Checked): void {
  const { install, volumes } = checked.config;
  if (install.cow === 'tmpfs') return;
  exactlyOne(install.cow, WHEREABOUTS, ['install', 'cow'], checked.wrong);
  checkLabel(install.cow.label, 'btrfs', ['install', 'cow', 'label'], checked);
  if (Object.hasOwn(volumes, 'cow'))
    checked.wrong(['volumes', 'cow'], 'expected another name: `cow` is that of install.cow');
}

/** An empty disk has a name only, and the file system on it is found by its label. */
function checkCreate({ label, uuid, device }: Where, keys: readonly string[], wrong: Wrong): void {
  const missing = [...(device === undefined ? ['device'] : []), ...(label === undefined ? ['label'] : [])];
  if (missing.length > 0)
    wrong(
      keys,
      `expected device, the empty disk, and label, which its file system gets, found no ${missing.join(' and no ')}`,
    );
  if (uuid !== undefined)
    wrong(
      [...keys.slice(0, -1), 'uuid'],
      `expected no uuid beside create: the file system gets a new one${REMOVE}`,
    );
}

function checkLabel(
  label: string | undefined,
  type: keyof typeof LABEL_BYTES,
  keys: readonly string[],
  { config, wrong }: Checked,
): void {
  if (label === undefined) return;
  const most = LABEL_BYTES[type];
  const bytes = Buffer.byteLength(label);
  if (bytes > most)
    wrong(
      keys,
      `expected a label of at most ${most} bytes for ${type}, found ${JSON.stringify(label)}: ${bytes} bytes`,
    );
  if (label === config.install.label)
    wrong(
      keys,
      `expected another label: ${JSON.stringify(label)} is install.label, the disk of the releases`,
    );
}

function checkPlace(path: string, keys: readonly string[], { config, wrong }: Checked): void {
  const plain = realPlace(path);
  const shown = JSON.stringify(path);
  const mounted = MOUNTED.find((folder) => isWithin(folder, plain));
  const own = { ...config, state: { ...config.state, paths: [] } };
  const kept =
    stateVolume(config) === undefined ? undefined : keptPaths(own).find((each) => isWithin(each.path, plain));
  if (plain === '/')
    wrong(keys, `expected a folder below /, found ${shown}: the layers of the release are the root`);
  else if (mounted !== undefined)
    wrong(keys, `expected a folder that stays, found ${shown}: ${mounted} is mounted anew at each boot`);
  else if (isOfSystem(path) || isWithin('/etc/ssh', plain))
    wrong(keys, `expected a folder for data, found ${shown}: a volume there would hide the system`);
  else if (kept !== undefined)
    wrong(
      keys,
      `expected another folder, found ${shown}: the state keeps ${kept.path}, and would be mounted over it`,
    );
  else if (/[\\]/.test(path)) wrong(keys, `expected a path without a backslash, found ${shown}`);
}

/** Options that are not the kernel's but those of who reads /etc/fstab: systemd(1), mount(8) -a, users. */
const OF_FSTAB = ['noauto', 'auto', 'user', 'nouser', 'users', 'owner', 'group', '_netdev'];

/** Options that are no mount of a device, but change or move another one (mount(8)). */
const OF_OTHERS = [
  'remount',
  'bind',
  'rbind',
  'move',
  'make-private',
  'make-shared',
  'make-slave',
  'loop',
  'offset',
  'sizelimit',
];

/** Options that are often used: of mount(8), ext4(5), xfs(5), btrfs(5). Others are the kernel's to judge. */
const KNOWN =
  `ro rw nofail defaults noatime atime nodiratime diratime relatime norelatime strictatime lazytime
nolazytime nodev dev nosuid suid noexec exec sync async dirsync discard nodiscard acl noacl barrier nobarrier
journal_checksum data commit errors delalloc nodelalloc init_itable usrquota grpquota prjquota uquota gquota pquota
logbufs logbsize allocsize inode64 inode32 largeio nolargeio swalloc wsync compress compress-force subvol subvolid
ssd nossd ssd_spread autodefrag noautodefrag degraded space_cache datacow nodatacow datasum nodatasum thread_pool
user_xattr nouser_xattr`.split(/\s+/);

/** Options that one file system has and the others refuse. */
const OF_TYPE = {
  ext4: 'data journal_checksum errors delalloc nodelalloc init_itable',
  xfs: 'logbufs logbsize allocsize inode64 inode32 largeio nolargeio swalloc wsync uquota gquota pquota',
  btrfs: `compress compress-force subvol subvolid ssd nossd ssd_spread autodefrag noautodefrag degraded space_cache
datacow nodatacow datasum nodatasum thread_pool`,
};

/** The only file system that has an option, where one has it alone. */
function ownerOf(option: string): string | undefined {
  return Object.entries(OF_TYPE).find(([, names]) => names.split(/\s+/).includes(option))?.[0];
}

function checkOptions(
  { options, type }: { options: readonly string[]; type: string },
  keys: readonly string[],
  { wrong }: Checked,
): void {
  for (const [at, option] of options.entries()) {
    const name = option.split('=')[0] ?? '';
    const shown = JSON.stringify(option);
    const report = (message: string): void => wrong([...keys, String(at)], message);
    if (name.startsWith('x-') || name.startsWith('comment') || OF_FSTAB.includes(name))
      report(
        `expected an option of the file system, found ${shown}: volumes are mounted before init starts, without an fstab`,
      );
    else if (OF_OTHERS.includes(name))
      report(
        `expected an option of the file system, found ${shown}: a volume is a device, which is mounted once`,
      );
    else if (options.indexOf(option) < at) report(`expected each option once, found ${shown} twice`);
    else if ((ownerOf(name) ?? type) !== type)
      report(`expected an option of ${type}, found ${shown}, which is one of ${ownerOf(name)}`);
    else if (name.startsWith('no') && options.includes(name.slice(2)))
      report(`expected ${name.slice(2)} or ${name}, found both`);
    else if (!KNOWN.includes(name)) {
      const near = didYouMean(name, KNOWN);
      if (near !== undefined) report(`expected a mount option, found ${shown}${meant(near)}`);
    }
  }
  if (options.includes('ro') && options.includes('rw')) wrong(keys, 'expected ro or rw, found both');
}

/** Two volumes on one folder, or two of one file system. */
function checkTwins({ config, wrong }: Checked): void {
  const places = new Map<string, string>();
  const disks = new Map<string, string>();
  for (const [keys, where, path] of fileSystems(config)) {
    const name = keys.join('.');
    const other = path === undefined ? undefined : places.get(plainPath(path));
    if (other !== undefined)
      wrong(
        [...keys, 'path'],
        `expected a folder of its own, found ${JSON.stringify(path)}, where ${other} is mounted`,
      );
    if (path !== undefined) places.set(plainPath(path), name);
    for (const kind of WHEREABOUTS) {
      const stated = where[kind];
      if (stated === undefined) continue;
      const same = `${kind} ${kind === 'uuid' ? stated.toLowerCase() : stated}`;
      const twin = disks.get(same);
      if (twin !== undefined)
        wrong(
          [...keys, kind],
          `expected a file system of its own, found the ${kind} of ${twin}: ${JSON.stringify(stated)}`,
        );
      else disks.set(same, name);
    }
  }
}

function fileSystems({ volumes, install: { cow } }: Config): [string[], Where, string | undefined][] {
  const all: [string[], Where, string | undefined][] = Object.entries(volumes).map(([name, volume]) => [
    ['volumes', name],
    volume,
    volume.path,
  ]);
  if (cow !== 'tmpfs') all.push([['install', 'cow'], cow, undefined]);
  return all;
}
