import { appendFileSync, statSync } from 'node:fs';
import { uuidOf } from '../../system/ext4';
import type { Format } from './format';

/** Seconds from 1970 to 2000, from which the format counts. */
const YEAR_2000 = 946_684_800;

/**
 * A fixed disk of the Virtual Hard Disk Image Format Specification (Microsoft, 2006), as Azure and Hyper-V take it: the raw
 * image, and a footer.
 */
export const vhd: Format = {
  tools: [],
  write: async ({ from, to, id, epoch }, run) => {
    await run('cp', ['--sparse=always', '--reflink=auto', from, to]);
    appendFileSync(to, footerOf(statSync(from).size, uuidOf(`${id} vhd`), epoch));
  },
};

/**
 * The footer of a fixed disk ("Hard Disk Footer Format").
 *
 * @param bytes of the disk; Azure takes whole mebibytes only
 * @param epoch seconds since 1970
 */
export function footerOf(bytes: number, uuid: string, epoch: number): Buffer {
  const footer = Buffer.alloc(512);
  footer.write('conectix', 0, 'latin1');
  footer.writeUInt32BE(2, 8);
  footer.writeUInt32BE(0x10000, 12);
  footer.fill(0xff, 16, 24);
  footer.writeUInt32BE(Math.max(0, epoch - YEAR_2000), 24);
  // Readers take the size below for these two names, and for most others one that the geometry rounds down.
  footer.write('win ', 28, 'latin1');
  footer.writeUInt32BE(0x10000, 32);
  footer.write('Wi2k', 36, 'latin1');
  footer.writeBigUInt64BE(BigInt(bytes), 40);
  footer.writeBigUInt64BE(BigInt(bytes), 48);
  const { cylinders, heads, sectors } = geometryOf(bytes);
  footer.writeUInt16BE(cylinders, 56);
  footer.writeUInt8(heads, 58);
  footer.writeUInt8(sectors, 59);
  footer.writeUInt32BE(2, 60);
  Buffer.from(uuid.replaceAll('-', ''), 'hex').copy(footer, 68);
  footer.writeUInt32BE(~footer.reduce((sum, byte) => sum + byte, 0) >>> 0, 64);
  return footer;
}

/** The geometry of a disk ("Appendix: CHS Calculation"). */
function geometryOf(bytes: number): { cylinders: number; heads: number; sectors: number } {
  const total = Math.min(Math.floor(bytes / 512), 65_535 * 16 * 255);
  const tracks = (sectors: number): number => Math.floor(total / sectors);
  if (total >= 65_535 * 16 * 63) return { cylinders: Math.floor(tracks(255) / 16), heads: 16, sectors: 255 };
  const few = Math.max(4, Math.floor((tracks(17) + 1023) / 1024));
  if (few <= 16 && tracks(17) < few * 1024)
    return { cylinders: Math.floor(tracks(17) / few), heads: few, sectors: 17 };
  if (tracks(31) < 16 * 1024) return { cylinders: Math.floor(tracks(31) / 16), heads: 16, sectors: 31 };
  return { cylinders: Math.floor(tracks(63) / 16), heads: 16, sectors: 63 };
}
