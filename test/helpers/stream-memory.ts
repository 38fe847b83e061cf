import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable, type Transform } from 'node:stream';
import { run } from '../../lib/system/process';
import { checksums, cpio, render, squashfs } from '../../tasks';
import { vinyl } from './vinyl';

const STREAMS: Record<string, () => Transform> = { checksums, cpio, render: () => render({}), squashfs };
const MEGABYTE = 1 << 20;

/** What a child process needed for one of the streams. */
export interface Use {
  /** Bytes that came out. */
  bytes: number;
  /** The peak of its resident memory, in bytes (VmHWM of proc(5)). */
  peak: number;
}

/** Sends megabytes through a stream in a process of its own: half of them in one file, half in files of a megabyte. */
export async function memoryOf(stream: string, megabytes: number): Promise<Use> {
  const flags = ['-r', 'sucrase/register/ts', __filename, stream, String(megabytes)];
  const { stdout } = await run(process.execPath, flags, { cwd: join(__dirname, '../..') });
  return JSON.parse(stdout);
}

/** Bytes that neither zeros nor repetitions make small. */
function block(seed: number): Buffer {
  const bytes = Buffer.allocUnsafe(MEGABYTE);
  let state = seed + 1;
  for (let at = 0; at < MEGABYTE; at += 4) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) | 0;
    bytes.writeInt32LE(state ^ (state >>> 15), at);
  }
  return bytes;
}

async function measure(name: string, megabytes: number): Promise<Use> {
  const half = megabytes / 2;
  const files = function* (): Generator<ReturnType<typeof vinyl>> {
    const blocks = function* (): Generator<Buffer> {
      for (let at = 0; at < half; at++) yield block(at);
    };
    yield vinyl('large', Readable.from(blocks(), { objectMode: false }));
    for (let at = 0; at < half; at++) yield vinyl(`small-${at}`, block(half + at));
  };
  let bytes = 0;
  const packed = Readable.from(files(), { highWaterMark: 1 }).pipe((STREAMS[name] as () => Transform)());
  for await (const { contents } of packed) {
    for await (const chunk of Buffer.isBuffer(contents) ? [contents] : contents) bytes += chunk.length;
  }
  const peak = Number(/^VmHWM:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1]) * 1024;
  return { bytes, peak };
}

if (require.main === module) {
  const [name = '', megabytes] = process.argv.slice(2);
  measure(name, Number(megabytes)).then((use) => process.stdout.write(JSON.stringify(use)));
}
