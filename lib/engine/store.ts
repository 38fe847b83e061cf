import { existsSync, lstatSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { mkdir, rename, rm, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { writeAtomically } from '../system/atomic-write';
import {
  type Content,
  checkContent,
  contentBytes,
  contentDigest,
  type Damage,
  fileHash,
  readContent,
  refreshTimes,
} from './content';
import type { FingerprintRecord } from './fingerprint';
import type { Artifact, Meta } from './step';

/** What is known of a stored artifact: `artifact.json` beside its files. */
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
}

/**
 * The artifact store: `store/<step>/<fingerprint>/` with `artifact.json` (what it is), `content.json` (each path's
 * hash and stat) and `files/` (the artifact). An entry comes into being by one rename, so there is no half of one.
 */
export interface Store {
  find: (step: string, fingerprint: string) => Entry | undefined;
  artifact: (entry: Entry) => Artifact;
  /** Compares the stored files with what was stored; empty when all is well. */
  check: (entry: Entry) => Promise<Damage[]>;
  /** Moves `files` (a folder on the store's file system) into the store, in place of what was there. */
  commit: (files: string, entry: Pick<Entry, 'record' | 'fingerprint' | 'meta' | 'took'>) => Promise<Entry>;
  remove: (entry: Pick<Entry, 'step' | 'fingerprint'>) => Promise<void>;
  /** Marks an entry as used now; `gulp gc` frees the longest unused first. */
  touch: (entry: Entry) => Promise<void>;
  /** Every entry, with when it was last used (ms since the epoch). */
  list: () => { entry: Entry; used: number }[];
}

const NAME_LENGTH = 32;

/** The store in the folder `cache`. */
export function openStore(cache: string): Store {
  const root = join(cache, 'store');
  const folder = (entry: Pick<Entry, 'step' | 'fingerprint'>): string =>
    join(root, fileName(entry.step), entry.fingerprint.slice(0, NAME_LENGTH));

  const find = (step: string, fingerprint: string): Entry | undefined => {
    const entry = readJson<Entry>(join(folder({ step, fingerprint }), 'artifact.json'));
    return entry?.fingerprint === fingerprint ? entry : undefined;
  };

  return {
    find,
    artifact: (entry) => {
      const path = join(folder(entry), 'files');
      const file = join(folder(entry), 'content.json');
      const content = (): Content => readJson<Content>(file) ?? {};
      return {
        step: entry.step,
        fingerprint: entry.fingerprint,
        path,
        meta: entry.meta,
        hash: (name) => fileHash(content(), name),
        relinked: () => {
          const known = content();
          refreshTimes(path, known);
          writeAtomically(file, JSON.stringify(known));
        },
      };
    },
    check: async (entry) => {
      const files = join(folder(entry), 'files');
      const content = readJson<Content>(join(folder(entry), 'content.json'));
      if (content === undefined) return [{ path: 'content.json', problem: 'is missing or unreadable' }];
      if (contentDigest(content) !== entry.digest)
        return [{ path: 'content.json', problem: 'does not fit artifact.json' }];
      if (!existsSync(files)) return [{ path: 'files', problem: 'is missing' }];
      const { damages, updated } = await checkContent(files, content);
      if (updated && damages.length === 0)
        writeAtomically(join(folder(entry), 'content.json'), JSON.stringify(content));
      return damages;
    },
    commit: async (files, { record, fingerprint, meta, took }) => {
      const content = await readContent(files);
      const digest = contentDigest(content);
      const sizes = { bytes: contentBytes(content), paths: Object.keys(content).length };
      const entry: Entry = { step: record.step, fingerprint, record, meta, digest, ...sizes, took };
      const made = `${files}.entry`;
      await mkdir(made);
      await rename(files, join(made, 'files'));
      writeFileSync(join(made, 'content.json'), JSON.stringify(content));
      writeFileSync(join(made, 'artifact.json'), JSON.stringify(entry));
      const target = folder(entry);
      await mkdir(join(root, fileName(entry.step)), { recursive: true });
      if (existsSync(target)) await rename(target, `${files}.old`);
      await rename(made, target);
      await rm(`${files}.old`, { recursive: true, force: true });
      return entry;
    },
    remove: async (entry) => {
      // Renamed first: nobody finds half of an entry.
      const doomed = `${folder(entry)}.removed`;
      if (!existsSync(folder(entry))) return;
      await rm(doomed, { recursive: true, force: true });
      await rename(folder(entry), doomed);
      await rm(doomed, { recursive: true, force: true });
    },
    touch: async (entry) => {
      const now = new Date();
      await utimes(join(folder(entry), 'artifact.json'), now, now).catch(() => undefined);
    },
    list: () =>
      folders(root).flatMap((step) =>
        folders(join(root, step)).flatMap((name) => {
          const file = join(root, step, name, 'artifact.json');
          const entry = readJson<Entry>(file);
          return entry === undefined ? [] : [{ entry, used: statSync(file).mtimeMs }];
        }),
      ),
  };
}

/** A step's name as a file name: `squash:packages` is `squash-packages`. */
export function fileName(step: string): string {
  return step.replaceAll(':', '-');
}

function folders(path: string): string[] {
  if (!existsSync(path)) return [];
  return readdirSync(path)
    .filter((name) => lstatSync(join(path, name)).isDirectory())
    .sort();
}

function readJson<T>(file: string): T | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as T;
  } catch {
    return undefined;
  }
}
