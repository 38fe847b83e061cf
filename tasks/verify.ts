import { join } from 'node:path';
import { Dock0Error } from '../lib/error';
import { currentRelease, listReleases } from '../lib/release/folder';
import type { Session } from '../lib/session/session';
import { verifyRelease } from '../lib/vm/verify';

/**
 * Proves releases in a virtual machine: the current one of every host, made first where it is not up to date, or
 * with `--release` that one as it is.
 *
 * @throws Dock0Error naming what failed
 */
export async function verify(session: Session): Promise<void> {
  const { install, releaseFolder } = await import('./install');
  for (const build of session.builds) {
    const { context } = build;
    const stated = session.flags.release;
    const release =
      stated === undefined
        ? releaseFolder(await build.make(install), context)
        : knownRelease(context.output, stated);
    const memory = session.flags.memory ?? context.config.verify.memory;
    await verifyRelease({
      release,
      config: { ...context.config, verify: { ...context.config.verify, memory } },
      cache: context.cache,
      signal: context.signal,
      log: session.log,
    });
  }
}

/**
 * The folder of a release by its id, or by the beginning of it.
 *
 * @throws Dock0Error naming the releases there are
 */
export function knownRelease(output: string, stated: string): string {
  const known = listReleases(output);
  const wanted = stated === 'current' ? currentRelease(output) : undefined;
  const [found, ...others] = known.filter((id) => id === wanted || id.startsWith(stated));
  if (found !== undefined && others.length === 0) return join(output, 'releases', found);
  throw new Dock0Error(
    `--release ${stated}: ${found === undefined ? 'there is no such release' : 'more than one begins like that'}`,
    {
      hint: `In ${output}: ${known.join(', ') || 'none; `gulp build` makes one'}.`,
    },
  );
}
