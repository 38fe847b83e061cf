import { posix } from 'node:path';
import { type MapNode, nodeAt, placeOf } from './node';
import { describe, meant, type Problems, type Wrong } from './problems';
import type { Config } from './schema';
import { didYouMean } from './suggest';

/** The highest compression level of those that have fewer levels than the schema allows; 0: no levels at all. */
const LEVELS: Record<string, number> = { gzip: 9, lzo: 9, xz: 0, none: 0 };

/** How to drop a key that a file below sets. */
const REMOVE = '; null removes what a lower file sets';

const SOURCES = ['version', 'url', 'file', 'directory', 'debian'] as const;
const WHEREABOUTS = ['label', 'uuid', 'device'] as const;

/**
 * Checks what several keys have to agree on; each problem is reported at the line to change.
 *
 * @param root the resolved tree behind the configuration
 * @param bad top-level keys that are invalid themselves: rules about them are skipped
 * @param steps the steps a build hook may name after `pre-` and `post-`
 */
export function checkRules(
  config: Config,
  root: MapNode,
  bad: ReadonlySet<string>,
  steps: readonly string[],
  problems: Problems,
): void {
  const wrong: Wrong = (keys, message, at = keys) => problems.add(placeOf(root, at), keys, message);
  const rules: [reads: (keyof Config)[], rule: () => void][] = [
    [['docker', 'volumes'], () => checkDocker(config, wrong, (keys) => describe(nodeAt(root, keys)))],
    [['volumes'], () => checkVolumes(config, wrong)],
    [['install'], () => checkCow(config, wrong)],
    [['kernel'], () => checkKernel(config, wrong)],
    [['squash'], () => checkLevel(config, root, 'squash', wrong)],
    [['initramfs'], () => checkLevel(config, root, 'initramfs', wrong)],
    [['hooks'], () => checkHooks(config, steps, wrong)],
  ];
  for (const [reads, rule] of rules) if (!reads.some((key) => bad.has(key))) rule();
}

function checkVolumes({ volumes }: Config, wrong: Wrong): void {
  for (const [name, volume] of Object.entries(volumes)) {
    exactlyOne(volume, WHEREABOUTS, ['volumes', name], wrong);
  }
}

function checkCow({ install: { cow } }: Config, wrong: Wrong): void {
  if (cow !== 'tmpfs') exactlyOne(cow, WHEREABOUTS, ['install', 'cow'], wrong);
}

function checkHooks({ hooks }: Config, steps: readonly string[], wrong: Wrong): void {
  const known = steps.flatMap((step) => [`pre-${step}`, `post-${step}`]);
  for (const hook of Object.keys(hooks)) {
    if (known.includes(hook)) continue;
    const near = didYouMean(hook, known);
    const help = near === undefined ? `; steps: ${steps.join(', ')}` : meant(near);
    wrong(
      ['hooks', hook],
      `expected pre- or post- and the name of a step, found ${JSON.stringify(hook)}${help}`,
    );
  }
}

/** Docker's data needs a volume, or devicemapper's device: the root is read-only, and changes to it may be lost. */
function checkDocker({ docker, volumes }: Config, wrong: Wrong, found: (keys: string[]) => string): void {
  if (!docker.enabled) return;
  const { driver, volume, device, path } = docker.storage;
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
  const holding = Object.entries(volumes).filter(([, { path: mounted }]) => holds(mounted, path));
  if (holding.some(([name]) => name === volume)) return;
  const names = holding.map(([name]) => name);
  const near = didYouMean(volume, names);
  const known = names.length === 0 ? '' : ` (${names.join(', ')})`;
  const stated = found(key);
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

function holds(mounted: string, path: string): boolean {
  const relative = posix.relative(posix.resolve(mounted), posix.resolve(path));
  return relative !== '..' && !relative.startsWith('../');
}

function checkKernel({ kernel }: Config, wrong: Wrong): void {
  if (kernel.provider === 'source') exactlyOne(kernel.source, SOURCES, ['kernel', 'source'], wrong);
  if (kernel.provider === 'file' && kernel.file === undefined) {
    wrong(['kernel', 'file'], 'expected a kernel image, found nothing: provider file needs one');
  }
  if (kernel.provider === 'source') checkVerification(kernel.source, wrong);
}

/** Sources that no checksum and no signature applies to, with the reason. */
const VERIFIED = {
  debian: "apt verifies the package with the distribution's signed lists",
  directory: 'a folder has neither checksum nor signature',
} as const;

function checkVerification(source: Config['kernel']['source'], wrong: Wrong): void {
  const { sha256, signature, keys } = source;
  const at = ['kernel', 'source'];
  for (const kind of ['debian', 'directory'] as const) {
    if (source[kind] === undefined) continue;
    const stated = { sha256, signature, keys: keys.length > 0 ? keys : undefined };
    for (const [key, value] of Object.entries(stated)) {
      if (value === undefined) continue;
      wrong([...at, key], `expected only with version, url or file, found ${kind}: ${VERIFIED[kind]}`);
    }
    return;
  }
  if (signature !== undefined && keys.length === 0) {
    wrong([...at, 'keys'], 'expected the keys to check the signature with, found none');
  }
}

function checkLevel(config: Config, root: MapNode, section: 'squash' | 'initramfs', wrong: Wrong): void {
  const { compression, level } = config[section];
  const keys = [section, 'level'];
  const most = LEVELS[compression];
  // A default is not a problem.
  if (most === undefined || level === undefined || level <= most || nodeAt(root, keys) === undefined) return;
  if (most > 0) {
    wrong(keys, `expected a whole number from 1 to ${most} for ${compression}, found the number ${level}`);
  } else {
    wrong(keys, `expected no level for ${compression}, found the number ${level}${REMOVE}`);
  }
}

function exactlyOne<K extends string>(
  map: { [key in K]?: unknown },
  names: readonly K[],
  keys: readonly string[],
  wrong: Wrong,
): void {
  const stated = names.filter((name) => map[name] !== undefined);
  if (stated.length === 1) return;
  const [, second] = stated;
  const found = stated.length === 0 ? 'none of them' : `${stated.join(' and ')}${REMOVE}`;
  const at = second === undefined ? keys : [...keys, second];
  wrong(at, `expected exactly one of ${names.join(', ')}, found ${found}`);
}
