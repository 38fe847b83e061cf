import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { fullName, type ImageName } from '../../config/image-reference';
import { Dock0Error, messageOf } from '../../error';
import { writeAtomically } from '../../system/atomic-write';
import { readKeptJson } from '../../system/kept-json';
import type { Runner } from '../../system/sandbox';

/**
 * The digest that a registry has for the tag of an image.
 *
 * @throws Dock0Error with what the registry answers
 */
export async function askDigest(name: ImageName, run: Runner): Promise<string> {
  const { stdout } = await explained(fullName(name), () =>
    run('skopeo', ['inspect', ...flags(name, ''), '--no-tags', '--format', '{{.Digest}}', sourceOf(name)], {
      network: true,
    }),
  );
  return stdout.trim();
}

/** The same, but what was asked once is remembered in the cache, as lists of packages are, until it is forgotten. */
export async function rememberedDigest(name: ImageName, cache: string, run: Runner): Promise<string> {
  const file = memoryOf(name, cache);
  const known = readKeptJson<{ digest: string }>(file)?.digest;
  if (typeof known === 'string') return known;
  const digest = await askDigest(name, run);
  rememberDigest(name, digest, cache);
  return digest;
}

export function rememberDigest(name: ImageName, digest: string, cache: string): void {
  writeAtomically(memoryOf(name, cache), `${JSON.stringify({ image: fullName(name), digest })}\n`);
}

function memoryOf(name: ImageName, cache: string): string {
  const key = createHash('sha256').update(fullName(name)).digest('hex').slice(0, 32);
  return join(cache, 'images', `${key}.json`);
}

/**
 * Pulls an image by its digest into an archive, where it has its name and tag.
 *
 * @throws Dock0Error with what the registry answers
 */
export async function pullImage(
  name: ImageName,
  digest: string,
  archive: string,
  run: Runner,
): Promise<void> {
  const { registry, repository, tag } = name;
  const from = sourceOf({ ...name, tag: undefined, digest });
  const full = fullName({ registry, repository, tag, digest: undefined });
  // Its folder may have a colon, at which skopeo would take the name of the image to begin.
  const to = `docker-archive:${basename(archive)}:${full}`;
  await explained(fullName(name), () =>
    run('skopeo', ['copy', '--quiet', ...flags(name, 'src-'), from, to], {
      network: true,
      cwd: dirname(archive),
    }),
  );
}

function sourceOf(name: ImageName): string {
  return `docker://${fullName(name)}`;
}

/** Registries of this machine need no TLS, as with Docker. */
function flags({ registry }: ImageName, prefix: string): string[] {
  const local = /^(localhost|127(\.\d+){3}|\[::1\])(:\d+)?$/.test(registry);
  const file = authFile();
  return [
    ...(local ? [`--${prefix}tls-verify=false`] : []),
    ...(file === undefined ? [] : ['--authfile', file]),
  ];
}

/** Where `docker login`, `podman login` and `skopeo login` keep credentials (containers-auth.json(5)). */
function authFile(): string | undefined {
  const { REGISTRY_AUTH_FILE, XDG_RUNTIME_DIR, DOCKER_CONFIG } = process.env;
  const places = [
    REGISTRY_AUTH_FILE,
    XDG_RUNTIME_DIR && join(XDG_RUNTIME_DIR, 'containers/auth.json'),
    join(homedir(), '.config/containers/auth.json'),
    join(DOCKER_CONFIG || join(homedir(), '.docker'), 'config.json'),
  ];
  return places.find((place) => place !== undefined && place !== '' && existsSync(place));
}

async function explained<T>(image: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof Dock0Error)) throw error;
    throw new Dock0Error(`images: ${image} cannot be had: ${messageOf(error)}`, {
      hint: /unauthorized|authentication|denied/i.test(error.message)
        ? '`skopeo login` or `docker login` as the user who builds stores credentials.'
        : 'Is the name right, and the registry in reach? An archive of `docker save` needs neither.',
      cause: error,
    });
  }
}
