import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { basename } from 'node:path';
import type { BuildContext } from '../../build';
import { sourceOf } from '../../distributions/root';
import { canonicalJson } from '../../engine/fingerprint';
import { hashFile, hashIndexOf } from '../../engine/hash-index';
import type { FileInput } from '../../engine/step';
import { Dock0Error } from '../../error';
import type { Json } from '../../json';
import type { Work } from '../work';
import { sourcePackage, tarballOf } from './debian';
import { discard, fetchOnce, refuseDownload } from './download';
import { checksumOf, exactVersion, noSuchVersion, releaseOf } from './releases';
import { verifySignature } from './signature';
import { decompressed } from './tarball';

/** Where a kernel's source comes from, as far as it is known before anything is downloaded. */
export interface Origin {
  /** As messages call it: `linux-source-6.1 6.1.192-2`. */
  name: string;
  /** What of it goes into the fingerprint. */
  values: { [key: string]: Json };
  files: FileInput[];
  /** The folder of a `directory`; undefined for everything that is unpacked. */
  folder: string | undefined;
  /** Downloads and verifies the tarball, and returns its path; `scratch` is thrown away afterwards. */
  fetch: (scratch: string, work: Work) => Promise<string>;
}

type Source = BuildContext['config']['kernel']['source'];

const KINDS = ['version', 'url', 'file', 'directory', 'debian'] as const;

/**
 * The origin that `kernel.source` names.
 *
 * @throws Dock0Error when it names none or more than one, or one that does not exist
 */
export async function originOf(context: BuildContext): Promise<Origin> {
  const source = context.config.kernel.source;
  const stated = KINDS.filter((kind) => source[kind] !== undefined);
  if (stated.length !== 1) {
    const said = stated.length === 0 ? 'is empty' : `states ${stated.join(' and ')}`;
    throw new Dock0Error(`kernel.source ${said}; it takes exactly one of ${KINDS.join(', ')}`, {
      hint: 'For instance `kernel: {source: {debian: linux-source}}`.',
    });
  }
  const kind = stated[0] as (typeof KINDS)[number];
  return ORIGINS[kind](source[kind] as string, source, context);
}

type Open = (stated: string, source: Source, context: BuildContext) => Promise<Origin>;

const ORIGINS: Record<(typeof KINDS)[number], Open> = {
  version: async (wanted, source, context) => {
    const version = await exactVersion(wanted, source.releases, context);
    const fetch: Origin['fetch'] = (_, work) => fetchRelease(version, source, work);
    const { values, files } = verifiedBy(source);
    return { name: `Linux ${version}`, values: { version, ...values }, files, folder: undefined, fetch };
  },

  url: async (url, source) => {
    const name = basename(new URL(url).pathname);
    const { values, files } = verifiedBy(source);
    const fetch: Origin['fetch'] = (_, work) => fetchUrl(url, source, work);
    return { name, values: { url, ...values }, files, folder: undefined, fetch };
  },

  file: async (file, source) => {
    const name = basename(file);
    const { values, files } = verifiedBy(source);
    const fetch: Origin['fetch'] = async (_, work) => {
      await verify(file, name, source, work);
      return file;
    };
    const read = [{ name: 'kernel.source.file', path: file }, ...files];
    return { name, values, files: read, folder: undefined, fetch };
  },

  directory: async (folder, _, context) => {
    if (!existsSync(folder)) throw new Dock0Error(`kernel.source.directory: ${folder}: no such folder`);
    if (hashIndexOf(context.cache).apart(folder).isNew())
      context.log(`reading all of ${basename(folder)} once; later only what changed`);
    const fetch: Origin['fetch'] = async () => folder;
    const files = [{ name: 'kernel.source.directory', path: folder, except: isUncounted, large: true }];
    return { name: basename(folder), values: {}, files, folder, fetch };
  },

  debian: async (wanted, _, context) => {
    const found = await sourcePackage(wanted, context);
    const values = { debian: `${found.name} ${found.version}`, sha256: found.sha256 };
    const source = sourceOf(context);
    const fetch: Origin['fetch'] = (scratch, work) => tarballOf(found, scratch, { ...work, ...source });
    return { name: `${found.name} ${found.version}`, values, files: [], folder: undefined, fetch };
  },
};

/**
 * A hash that names the unpacked source: the same for the same origin, verified against the same keys.
 *
 * @param more what else goes into the tree: its patches
 */
export function keyOf(origin: Pick<Origin, 'values' | 'files'>, more: Json): string {
  const files = origin.files.map(({ name, path }) => [name, hashFile(path)]);
  return createHash('sha256')
    .update(canonicalJson([origin.values, files, more]))
    .digest('hex')
    .slice(0, 24);
}

/** What a source is verified by. It is an input: a source that was unpacked without it was not verified by it. */
function verifiedBy({ sha256, signature, keys }: Source): Pick<Origin, 'values' | 'files'> {
  const values = { ...(sha256 === undefined ? {} : { sha256 }) };
  const files = keys.map((path) => ({ name: `kernel.source.keys: ${basename(path)}`, path }));
  if (signature === undefined) return { values, files };
  if (isRemote(signature)) return { values: { ...values, signature }, files };
  return { values, files: [{ name: 'kernel.source.signature', path: signature }, ...files] };
}

function isRemote(signature: string): boolean {
  return /^https?:/.test(signature);
}

async function fetchRelease(version: string, source: Source, work: Work): Promise<string> {
  const release = await releaseOf(version, source, work);
  if (release.checksums === undefined) {
    work.log(`Linux ${version} is a release candidate: it has no checksum and no signature`);
    const tarball = await fetchOnce(release.tarball, work);
    await verify(tarball, `Linux ${version}`, source, work);
    return tarball;
  }
  const sha256 = source.sha256 ?? (await checksumOf(version, release.checksums, source, work));
  const tarball = await fetchOnce(release.tarball, work, {
    absent: () => noSuchVersion(version, source, work),
  });
  const signature = source.signature ?? release.signature;
  const signed = source.keys.length > 0 ? { signature } : {};
  if (source.keys.length === 0)
    work.log('kernel.source.keys is empty: the checksum is verified, the signature is not');
  await verify(tarball, basename(tarball).slice(9), { keys: source.keys, sha256, ...signed }, work);
  return tarball;
}

async function fetchUrl(url: string, source: Source, work: Work): Promise<string> {
  const name = basename(new URL(url).pathname);
  const tarball = await fetchOnce(url, work);
  if (source.sha256 === undefined && source.signature === undefined) {
    work.log(`${name} is not verified; to pin it, state kernel.source.sha256: ${hashFile(tarball)}`);
  }
  await verify(tarball, name, source, work);
  return tarball;
}

/**
 * Checks a tarball against the checksum and the signature that are stated.
 *
 * @throws Dock0Error when it is another file; a downloaded one is removed, so that the next build downloads it again
 */
async function verify(
  tarball: string,
  name: string,
  by: { sha256?: string | undefined; signature?: string | undefined; keys: string[] },
  work: Work,
): Promise<void> {
  if (by.keys.length > 0 && by.signature === undefined) {
    throw new Dock0Error(`kernel.source.keys names keys, but ${name} has no signature`, {
      hint: 'State kernel.source.signature, or replace the keys with kernel.source.sha256.',
    });
  }
  if (by.sha256 !== undefined) {
    work.progress(0, 1, `verifying ${name}`);
    const found = hashFile(tarball);
    if (found !== by.sha256) {
      await discard(tarball, work);
      throw new Dock0Error(`${name} has the wrong checksum: its SHA-256 is ${found}, expected ${by.sha256}`, {
        hint: 'Nothing was unpacked. Correct kernel.source.sha256, or download the file again.',
      });
    }
  }
  if (by.signature === undefined) return;
  const signature = isRemote(by.signature) ? await fetchOnce(by.signature, work) : by.signature;
  // kernel.org signs the tar, others the compressed file; the name of the signature tells.
  const ofTar = /\.tar\.(sign|asc|sig)$/.test(basename(signature));
  const signed = ofTar
    ? await decompressed(tarball, name, work).catch(async (error) => {
        throw await refuseDownload(error, tarball, work);
      })
    : tarball;
  const refused = await verifySignature(signed, name, signature, by.keys, work);
  if (refused === undefined) return;
  await discard(signature, work);
  if (refused.tarball) await discard(tarball, work);
  throw new Dock0Error(`${name}: ${refused.why}`, { hint: `Nothing was unpacked. ${refused.hint}` });
}

/** Whether a path is no part of the source that its folder holds: version control's own files. */
export function isUncounted(path: string): boolean {
  return basename(path) === '.git';
}
