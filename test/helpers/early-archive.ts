/**
 * What an initramfs consists of: the archives at its beginning that are not compressed, and the rest, which may be. The
 * kernel takes one after the other (Documentation/driver-api/early-userspace/buffer-format.rst).
 */
export function splitImage(image: Buffer): { early: Buffer; main: Buffer } {
  let at = 0;
  while (at < image.length && image.toString('ascii', at, at + 6) === '070701') {
    const end = endOfArchive(image, at);
    // The last archive is the main one, even if it is not compressed.
    if (end >= image.length) break;
    at = end;
  }
  return { early: image.subarray(0, at), main: image.subarray(at) };
}

/** Where the archive at an offset ends, with the zeros after it. */
function endOfArchive(image: Buffer, start: number): number {
  for (let at = start; ; ) {
    const field = (index: number): number =>
      Number.parseInt(image.toString('ascii', at + 6 + index * 8, at + 14 + index * 8), 16);
    const data = Math.ceil((at + 110 + field(11)) / 4) * 4;
    const name = image.toString('utf8', at + 110, at + 110 + field(11) - 1);
    at = Math.ceil((data + field(6)) / 4) * 4;
    if (name !== 'TRAILER!!!') continue;
    while (at < image.length && image[at] === 0) at++;
    return at;
  }
}
