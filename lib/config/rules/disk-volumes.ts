import { diskVolumes, partitionName } from '../disk-volumes';
import { LEAST_BYTES, PARTITION_NAME } from '../limits';
import { parseSize } from '../size';
import type { Checked } from './rule';

/** Checks the volumes that are partitions of the disk with the releases. */
export function checkDiskVolumes({ config, wrong }: Checked): void {
  let rest: string | undefined;
  for (const { name, size } of diskVolumes(config)) {
    const keys = ['install', 'volumes', name];
    if (partitionName(name).length > PARTITION_NAME)
      wrong(
        keys,
        `expected a volume with a name of at most ${PARTITION_NAME - partitionName('').length} letters: its partition is called ${partitionName(name)}`,
      );
    if (size === 'rest') {
      if (rest !== undefined)
        wrong([...keys, 'size'], `expected a size: install.volumes.${rest} takes the rest of the disk`);
      rest = name;
      continue;
    }
    const { type } = config.volumes[name] as (typeof config.volumes)[string];
    if (parseSize(size) < LEAST_BYTES[type])
      wrong(
        [...keys, 'size'],
        `expected at least ${LEAST_BYTES[type] / 2 ** 20}M for ${type}, found ${size}`,
      );
  }
}
