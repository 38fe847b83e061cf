import { existsSync } from 'node:fs';
import { mkdir, readdir, rename } from 'node:fs/promises';
import { join } from 'node:path';
import type { BuildContext, BuildRun } from '../../build';
import { Dock0Error } from '../../error';
import { withSandbox } from '../../system/sandbox';
import { fetchLocked } from '../lock/locked';
import type { ResolvedPackage } from '../package';
import { downloadPackages, newestBuild, packageFiles } from './download';
import { unpackPackages } from './install';
import { openState } from './open-state';
import { type PacmanRequest, resolvePackages } from './resolve';

/** What `kernel.package: auto` is on Arch. */
const AUTO = 'linux';

/** The name of the kernel's package. */
export function archKernelName({ kernel }: BuildContext['config']): string {
  return kernel.package === 'auto' ? AUTO : kernel.package;
}

/**
 * The kernel package of a name, exactly; its dependencies are no part of it.
 *
 * @param keep packages whose version is to stay
 * @throws Dock0Error when no repository has it
 */
export async function resolveArchKernel(
  name: string,
  { config, cache, signal, log }: BuildContext,
  keep: readonly ResolvedPackage[] = [],
): Promise<ResolvedPackage> {
  const request: PacmanRequest = { packages: [name], local: [], key: 'kernel.package' };
  const all = await resolvePackages(openState(config, cache), request, { signal, log }, keep);
  const found = all.find((each) => each.name === name.slice(name.indexOf('/') + 1));
  if (found !== undefined) return found;
  throw new Dock0Error(`kernel.package: "${name}" is no package but a group or a name that others provide`, {
    hint: `State one of ${
      all
        .map((each) => each.name)
        .filter((each) => each.startsWith('linux'))
        .join(', ') || 'linux, linux-lts'
    }.`,
  });
}

/**
 * Unpacks kernel packages: its modules go to `out/modules/usr/lib/modules`, the kernel to `out/vmlinuz`. Nothing of it
 * is run, nothing is installed on the host.
 *
 * @returns the package's build date, in seconds since the epoch
 */
export async function unpackKernel(
  wanted: readonly ResolvedPackage[],
  context: BuildRun<string>,
): Promise<number> {
  const { config, cache, out, tmp, run } = context;
  const state = openState(config, cache);
  await fetchLocked(context, () => downloadPackages(state, wanted, config.pacman.local_packages, context));
  const files = await packageFiles(state, wanted, run);
  const keyring = await state.keyring(context);
  const root = join(tmp, 'unpacked');
  await mkdir(root, { recursive: true });
  const sigLevel = config.pacman.sig_level;
  await withSandbox(run, (sandbox) =>
    unpackPackages({ state, files, keyring, noExtract: [], sigLevel, root, sandbox, tmp }),
  );
  const modules = join(root, 'usr/lib/modules');
  const version = existsSync(modules) ? (await readdir(modules))[0] : undefined;
  // Arch's kernel packages have it beside the modules; a hook copies it to /boot.
  const image = join(modules, version ?? '', 'vmlinuz');
  if (version === undefined || !existsSync(image)) {
    const names = wanted.map((each) => each.name).join(', ');
    throw new Dock0Error(`kernel.package: ${names} has no kernel (usr/lib/modules/<version>/vmlinuz)`);
  }
  await rename(image, join(out, 'vmlinuz'));
  await mkdir(join(out, 'modules/usr/lib'), { recursive: true });
  await rename(modules, join(out, 'modules/usr/lib/modules'));
  return newestBuild(files);
}
