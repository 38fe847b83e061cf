import type { BuildContext } from '../../build';
import { fullName, type ImageName, imageName } from '../../config/image-reference';
import type { Config } from '../../config/schema';
import { Dock0Error } from '../../error';
import { askDigest, rememberDigest, rememberedDigest } from '../../release/images/registry';
import { run as runCommand } from '../../system/process';
import type { Runner } from '../../system/sandbox';
import type { ResolvedPackage } from '../package';
import type { LockedImage } from './lock-file';
import { lockedImage, lockName } from './locked';

/** Digests of images of containers, by their full names. */
export type Digests = Record<string, string>;

type Context = Pick<BuildContext, 'config' | 'base' | 'cache' | 'signal'>;

/** The images of a configuration that have to be asked for: the others are files, or state their digests. */
function askedFor({ docker, images }: Pick<Config, 'docker' | 'images'>): ImageName[] {
  return (docker.enabled ? images : [])
    .filter((stated) => !stated.startsWith('/'))
    .map(imageName)
    .filter(({ digest }) => digest === undefined);
}

/**
 * The digest of an image: the locked one, where the lock file has the configuration, else that of its registry, as it
 * was when it was first asked.
 *
 * @throws Dock0Error when the lock file lacks it, or the registry does
 */
export async function pinnedDigest(name: ImageName, context: Context): Promise<string> {
  const locked = lockedImage(context);
  if (locked === undefined) return rememberedDigest(name, context.cache, runnerOf(context));
  const digest = locked.images?.[fullName(name)];
  if (digest !== undefined) return digest;
  throw new Dock0Error(
    `${lockName(context.config)}: not what \`images\` requests: ${fullName(name)} was added`,
    {
      hint: '`gulp lock` with the flags of this build updates it; what is locked keeps its version.',
    },
  );
}

/** How the digest of an image is brought up to date, for the hint of a message. */
export function howToMove(context: Context): string {
  return lockedImage(context) === undefined
    ? '`gulp update` asks the registry again.'
    : `\`gulp update --package NAME\` moves ${lockName(context.config)} to it.`;
}

/**
 * Asks registries for the images of a configuration.
 *
 * @param kept digests that are to stay
 * @returns undefined where there are none to ask for
 */
export async function resolveDigests(context: Context, kept: Digests): Promise<Digests | undefined> {
  const names = askedFor(context.config);
  const found: Digests = {};
  for (const name of names) {
    const full = fullName(name);
    found[full] = kept[full] ?? (await askDigest(name, runnerOf(context)));
  }
  return names.length === 0 ? undefined : found;
}

/** Asks registries again for what builds without a lock remember. */
export async function refreshDigests(contexts: readonly Context[]): Promise<void> {
  const asked = new Set<string>();
  for (const context of contexts) {
    if (lockedImage(context) !== undefined) continue;
    for (const name of askedFor(context.config)) {
      if (asked.has(fullName(name))) continue;
      asked.add(fullName(name));
      rememberDigest(name, await askDigest(name, runnerOf(context)), context.cache);
    }
  }
}

/** Locked images in the form of packages: what is said of one goes for the other. */
export function asPackages(locked: LockedImage | undefined): ResolvedPackage[] {
  return Object.entries(locked?.images ?? {}).map(([name, digest]) => ({
    name,
    version: digest,
    arch: 'any',
    repository: 'images',
    path: name,
    sha256: digest,
    bytes: 1,
    snapshot: '',
  }));
}

function runnerOf({ signal }: Context): Runner {
  return (command, args, options) => runCommand(command, args, { ...options, signal });
}
