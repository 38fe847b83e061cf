import { diskVolumes, mebibytesOf } from '../config/disk-volumes';
import { LEAST_BYTES, MOST_FILE_BYTES, MOST_VHD_BYTES } from '../config/limits';
import type { Wrong } from '../config/problems';
import type { Config } from '../config/schema';
import { parseSize } from '../config/size';
import { LEAST_ESP_BYTES } from './layout';
import { LAYOUTS } from './layouts';
import { volumesBytes } from './room';

const MEBIBYTE = 2 ** 20;

/** Checks the size of the disk image against what is known of its content before there is a release. */
export function checkDisk(config: Pick<Config, 'install' | 'volumes'>, wrong: Wrong): void {
  const { target, layout, size, formats } = config.install;
  if (target !== 'image') return;
  const volumes = diskVolumes(config);
  const taken =
    LAYOUTS[layout].overhead(LEAST_ESP_BYTES) +
    volumesBytes(volumes.map((volume) => mebibytesOf(volume.size)));
  const least = taken + LEAST_BYTES.ext4;
  const bytes = size === 'auto' ? least : parseSize(size);
  const [first] = volumes;
  if (bytes < least)
    wrong(
      ['install', 'size'],
      `expected more than ${Math.ceil(taken / MEBIBYTE)}M, which its volumes and boot loader take, found ${size}`,
    );
  else if (bytes > MOST_FILE_BYTES && first !== undefined && size === 'auto')
    wrong(
      ['install', 'volumes', first.name, 'size'],
      `expected partitions of at most ${MOST_FILE_BYTES / 2 ** 40}T together: the disk image is a file`,
    );
  else if (bytes > MOST_VHD_BYTES && formats.includes('vhd'))
    wrong(
      ['install', 'formats'],
      `expected no vhd for a disk of more than ${MOST_VHD_BYTES / 2 ** 30}G: the format ends there`,
    );
}
