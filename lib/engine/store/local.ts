import { randomBytes } from 'node:crypto';
import { existsSync, readdirSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { writeAtomically } from '../../system/atomic-write';
import { isNumber, isText, mapOf, readKeptJson, withKeys } from '../../system/kept-json';
import { syncTree } from '../../system/sync';
import { treeBytes } from '../collect';
import {
  type Content,
  checkContent,
  contentBytes,
  contentDigest,
  type Damage,
  fileHash,
  isContent,
  readContent,
} from '../content';
import { isRecord } from '../fingerprint';
import type { Entry, Store } from './store';

const isEntry = withKeys({
  step: isText,
  fingerprint: isText,
  record: isRecord,
  meta: mapOf(() => true),
  digest: isText,
  bytes: isNumber,
  paths: isNumber,
  took: isNumber,
  // A path with more than one name leads to somewhere else.
  made: (value) => typeof value === 'string' && /^[0-9a-f]+$/.test(value),
});

/** How much of a fingerprint names a folder. */
const NAME_LENGTH = 32;
const ENTRY = 'artifact.json';

/**
 * The store in the folder `cache`: `store/<step>/<fingerprint>/artifact.json` says what an entry is and which folder
 * beside it holds it, with `content.json` (each path's hash and stat) and `files/` (the artifact).
 */
export function openStore(cache: string): Store {
  const root = join(cache, 'store');
  const place = ({ step, fingerprint }: Pick<Entry, 'step' | 'fingerprint'>): string =>
    join(root, fileName(step), fingerprint.slice(0, NAME_LENGTH));
  const folder = (entry: Pick<Entry, 'step' | 'fingerprint' | 'made'>): string =>
    join(place(entry), entry.made);

  const find = (step: string, fingerprint: string): Entry | undefined => {
    const entry = readEntry(place({ step, fingerprint }));
    return entry?.fingerprint === fingerprint ? entry : undefined;
  };

  const check = async (entry: Entry): Promise<Damage[]> => {
    const files = join(folder(entry), 'files');
    const list = join(folder(entry), 'content.json');
    const content = readKeptJson<Content>(list, isContent);
    if (content === undefined) return [{ path: 'content.json', problem: 'is missing or unreadable' }];
    if (contentDigest(content) !== entry.digest)
      return [{ path: 'content.json', problem: 'does not fit artifact.json' }];
    if (!existsSync(files)) return [{ path: 'files', problem: 'is missing' }];
    const { damages, updated } = await checkContent(files, content);
    if (updated && damages.length === 0) writeAtomically(list, JSON.stringify(content));
    return damages;
  };

  return {
    find,
    artifact: (entry) => {
      const path = join(folder(entry), 'files');
      const file = join(folder(entry), 'content.json');
      const content = (): Content => readKeptJson<Content>(file, isContent) ?? {};
      return {
        step: entry.step,
        fingerprint: entry.fingerprint,
        path,
        meta: entry.meta,
        hash: (name) => fileHash(content(), name),
        known: (name) => {
          const all = content();
          return fileHash(all, name) === undefined ? undefined : all[name];
        },
        relinked: (files) => {
          const all = content();
          for (const [name, known] of Object.entries(files))
            if (all[name]?.is === known.is) all[name] = known;
          writeAtomically(file, JSON.stringify(all));
        },
        damages: () => check(entry),
      };
    },
    check,
    commit: async (files, { record, fingerprint, meta, took }) => {
      const content = await readContent(files);
      const digest = contentDigest(content);
      const paths = Object.keys(content).length;
      const sizes = { bytes: contentBytes(content), paths };
      const made = randomBytes(6).toString('hex');
      const entry: Entry = { step: record.step, fingerprint, record, meta, digest, ...sizes, took, made };
      const work = `${files}.entry`;
      await mkdir(work);
      await rename(files, join(work, 'files'));
      writeFileSync(join(work, 'content.json'), JSON.stringify(content));
      await syncTree(work, paths);
      await mkdir(place(entry), { recursive: true });
      try {
        await rename(work, folder(entry));
        writeAtomically(join(place(entry), ENTRY), JSON.stringify(entry));
      } catch (error) {
        // Nobody would find it, and a full disk needs the room.
        await rm(folder(entry), { recursive: true, force: true });
        throw error;
      }
      return entry;
    },
    remove: async (entry) => {
      if (find(entry.step, entry.fingerprint)?.made !== entry.made) return;
      rmSync(join(place(entry), ENTRY), { force: true });
    },
    touch: (entry) => {
      const now = new Date();
      try {
        utimesSync(join(place(entry), ENTRY), now, now);
      } catch {
        // Removed at this moment, or a store that is read-only.
        return;
      }
    },
    list: () =>
      placesIn(root).flatMap((path) => {
        const entry = readEntry(path);
        const used = statSync(join(path, ENTRY), { throwIfNoEntry: false })?.mtimeMs;
        return entry === undefined || used === undefined ? [] : [{ entry, used }];
      }),
    sweep: async () => {
      let bytes = 0;
      for (const path of placesIn(root)) {
        const kept = readEntry(path)?.made;
        const unused = namesIn(path).filter(
          (name) => name !== kept && (name !== ENTRY || kept === undefined),
        );
        for (const name of unused) {
          bytes += treeBytes(join(path, name));
          await rm(join(path, name), { recursive: true, force: true });
        }
        if (kept === undefined) await rm(path, { recursive: true, force: true });
      }
      return bytes;
    },
  };
}

/** A step's name as a file name: `squash:packages` is `squash-packages`. */
export function fileName(step: string): string {
  return step.replaceAll(':', '-');
}

function placesIn(root: string): string[] {
  return namesIn(root).flatMap((step) => namesIn(join(root, step)).map((name) => join(root, step, name)));
}

function namesIn(path: string): string[] {
  return existsSync(path) ? readdirSync(path).sort() : [];
}

/** What a place says of its entry; undefined for one of an earlier version, too. */
function readEntry(place: string): Entry | undefined {
  return readKeptJson(join(place, ENTRY), isEntry);
}
