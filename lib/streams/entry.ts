import type { Readable } from 'node:stream';

/** A file of an archive. */
export type Entry = {
  path: string;
  mode: number;
  /** Default: root. */
  owner?: { uid: number; gid: number };
  /** Seconds since 1970; default: the archive's. */
  mtime?: number;
} & (
  | { type: 'directory' }
  /** `links`: how many names the file has, where other entries are such names. */
  | { type: 'file'; content: Content; links?: number }
  /** One more name of a file that has been added with `links`. */
  | { type: 'hardlink'; target: string }
  | { type: 'symlink'; target: string }
  | { type: 'character' | 'block'; major: number; minor: number }
  | { type: 'fifo' }
);

/** The bytes of a file, or `size` bytes that `open` streams when they are needed. */
export type Content = Uint8Array | { size: number; open: () => Readable };
