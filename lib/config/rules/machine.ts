import { diskVolumes } from '../disk-volumes';
import { MOST_FILE_BYTES } from '../limits';
import { meant } from '../problems';
import { parseSize } from '../size';
import { didYouMean } from '../suggest';
import { sysctlPath } from '../sysctl';
import { type Checked, exactlyOne } from './rule';

/** The smallest swap space of use: mkswap(8) refuses less than ten pages. */
const LEAST_SWAP = 2 ** 20;

/** Checks where swap space is to be. */
export function checkSwap({ config, wrong }: Checked): void {
  const { swap, volumes } = config;
  if (swap === undefined) return;
  exactlyOne(swap, ['zram', 'file'], ['swap'], wrong);
  const { file, volume } = swap;
  const keys = ['swap', 'volume'];
  if (file === undefined) {
    if (volume !== undefined) wrong(keys, 'expected only with file, found no file');
    return;
  }
  const bytes = parseSize(file);
  if (bytes < LEAST_SWAP) wrong(['swap', 'file'], `expected at least 1M, found ${file}`);
  if (bytes > MOST_FILE_BYTES)
    wrong(['swap', 'file'], `expected at most ${MOST_FILE_BYTES / 2 ** 40}T, found ${file}`);
  if (volume === undefined) {
    wrong(['swap'], 'expected volume, the one of `volumes` that holds the file, found none');
    return;
  }
  const holding = volumes[volume];
  const names = Object.keys(volumes);
  if (holding === undefined)
    wrong(
      keys,
      `expected one of \`volumes\` (${names.join(', ') || 'there are none'}), found ${JSON.stringify(volume)}${meant(didYouMean(volume, names))}`,
    );
  else if (holding.type === 'btrfs')
    wrong(keys, `expected a volume of type ext4 or xfs, found ${JSON.stringify(volume)}: it is btrfs`);
  else if (holding.options.includes('ro'))
    wrong(keys, `expected a volume that is written to, found ${JSON.stringify(volume)}: it is mounted ro`);
  const partition = diskVolumes(config).find(({ name }) => name === volume)?.size ?? 'rest';
  if (partition !== 'rest' && bytes >= parseSize(partition))
    wrong(
      ['swap', 'file'],
      `expected less than ${partition}, the size of install.volumes.${volume}, found ${file}`,
    );
}

/** Sysctls that keys of ours stand for. */
const OURS: Readonly<Record<string, string>> = { 'kernel.panic': 'system.panic' };

/** Checks that no sysctl is stated twice, by its two ways to write it (sysctl.d(5)), nor by another key. */
export function checkSysctl({ config, wrong }: Checked): void {
  const seen = new Map<string, string>();
  for (const name of Object.keys(config.sysctl)) {
    const keys = ['sysctl', name];
    const path = sysctlPath(name);
    const other = seen.get(path);
    if (other !== undefined) wrong(keys, `expected each sysctl once: ${other} is the same one`);
    seen.set(path, name);
    const ours = OURS[path.replaceAll('/', '.')];
    if (ours !== undefined)
      wrong(keys, `expected ${ours} instead, which sets it from the start of the kernel`);
  }
}
