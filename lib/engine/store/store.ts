import type { Damage } from '../content';
import type { FingerprintRecord } from '../fingerprint';
import type { Artifact, Meta } from '../step';

/** What is known of a stored artifact. */
export interface Entry {
  step: string;
  fingerprint: string;
  record: FingerprintRecord;
  meta: Meta;
  /** Digest of the content: two runs with one digest made the same bytes. */
  digest: string;
  /** Sizes of its files together, in bytes. */
  bytes: number;
  /** How many paths it has. */
  paths: number;
  /** How long the step ran, in milliseconds. */
  took: number;
  /** Tells artifacts of one fingerprint apart: the name of the folder that holds this one. */
  made: string;
}

/** Where artifacts are kept, by the fingerprint of the step that made them. */
export interface Store {
  find: (step: string, fingerprint: string) => Entry | undefined;
  artifact: (entry: Entry) => Artifact;
  /** Compares the stored files with what was stored; empty when all is well. */
  check: (entry: Entry) => Promise<Damage[]>;
  /**
   * Moves `files` (a folder on the store's file system) into the store. The entry is there at once, when all of it is
   * on disk. One that it replaces is found no more, but its files stay for those who use them, until `sweep`.
   */
  commit: (files: string, entry: Pick<Entry, 'record' | 'fingerprint' | 'meta' | 'took'>) => Promise<Entry>;
  /** Forgets an entry; nothing happens where another took its place, or where somebody else was faster. */
  remove: (entry: Pick<Entry, 'step' | 'fingerprint' | 'made'>) => Promise<void>;
  /** Marks an entry as used now; `gulp gc` frees the longest unused first. */
  touch: (entry: Entry) => void;
  /** Every entry, with when it was last used (ms since the epoch). */
  list: () => { entry: Entry; used: number }[];
  /**
   * Frees the files of entries that were removed or replaced. Only while nobody uses the store.
   *
   * @returns how many bytes of disk that freed
   */
  sweep: () => Promise<number>;
}
