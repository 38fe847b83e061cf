import type { Session } from '../lib/session/session';

/**
 * Boots a release on this terminal: the current one, made first where it is not up to date, or with `--release` that
 * one as it is. Its data disks stay in the build's folder, what is written to the root does not.
 *
 * @throws Dock0Error for more than one host, or without a terminal's machine
 */
export async function boot(session: Session): Promise<void> {
  const { bootRelease } = await import('../lib/vm/boot');
  const { Dock0Error } = await import('../lib/error');
  const { install, releaseFolder } = await import('./install');
  const { knownRelease } = await import('./verify');
  const [build, another] = session.builds;
  if (build === undefined || another !== undefined) {
    throw new Dock0Error('gulp boot starts one machine', { hint: 'Name one host: --host NAME.' });
  }
  const { context } = build;
  const { release: stated, memory, ssh } = session.flags;
  await bootRelease({
    release:
      stated === undefined
        ? releaseFolder(await build.make(install), context)
        : knownRelease(context.output, stated),
    config: context.config,
    output: context.output,
    cache: context.cache,
    memory: memory ?? context.config.verify.memory,
    ssh,
    signal: context.signal,
    log: session.log,
  });
}
