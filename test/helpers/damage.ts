import { closeSync, openSync, readSync, statSync, utimesSync, writeSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';

/** Longer than the tick of a file system's clock: what happens within one tick has one time. */
const TICK_MS = 30;

/** Changes a byte in the middle of a file and gives it back the time of its last change. */
export async function damage(file: string): Promise<void> {
  await pause(TICK_MS);
  const { atime, mtime, size } = statSync(file);
  const byte = Buffer.alloc(1);
  const descriptor = openSync(file, 'r+');
  const at = size >> 1;
  readSync(descriptor, byte, 0, 1, at);
  byte[0] = (byte[0] as number) ^ 1;
  writeSync(descriptor, byte, 0, 1, at);
  closeSync(descriptor);
  utimesSync(file, atime, mtime);
  await pause(TICK_MS);
}

/** A shell script that does the same to what `find` with these words lists, once for each time that `flag` is there. */
export function damageScript(flag: string, find: string): string {
  return `#!/bin/sh -e
[ -e '${flag}' ] || exit 0
rm '${flag}'
sleep 0.1
find ${find} | while IFS= read -r file; do
  touch -r "$file" '${flag}.time'
  printf 'damage' | dd of="$file" bs=1 seek=$(($(stat -c %s "$file") / 2)) conv=notrunc status=none
  touch -r '${flag}.time' "$file"
done
sleep 0.1
`;
}
