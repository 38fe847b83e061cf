import { mkdir, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { Dock0Error } from '../../error';
import { fileInRoot } from '../../root/path';
import { withSandbox } from '../../system/sandbox';
import { moduleFolder } from '../kernel-modules';
import type { KernelPackages } from '../provider';
import { packageFiles } from './download';
import { unpackPackages } from './install';
import { stateOf } from './open-state';
import type { PacmanRequest } from './requests';
import { resolvePackages } from './resolve';

/** Arch's kernel packages, each with the kernel, its modules and no configuration. */
export const kernel: KernelPackages = {
  auto: () => 'linux',
  // Built, but not among the security modules that are on by default.
  apparmor: false,
  tools: [{ name: 'pacman', versioned: true }],
  settings: (context) => ({ trust: stateOf(context).trust() }),

  resolve: async (name, context, keep) => {
    const request: PacmanRequest = { packages: [name], local: [], key: 'kernel.package' };
    const all = await resolvePackages(stateOf(context), request, context, keep);
    const found = all.find((each) => each.name === name.slice(name.indexOf('/') + 1));
    if (found !== undefined) return [found];
    const kernels = all.map((each) => each.name).filter((each) => each.startsWith('linux'));
    throw new Dock0Error(
      `kernel.package: "${name}" is a group or a name that packages provide, not a package`,
      {
        hint: `Use one of ${kernels.join(', ') || 'linux, linux-lts'}.`,
      },
    );
  },

  unpack: async (packages, context) => {
    const { config, out, tmp, run } = context;
    const state = stateOf(context);
    const files = await packageFiles(state, packages, run);
    const keyring = await state.keyring(context);
    const root = join(tmp, 'unpacked');
    await mkdir(root, { recursive: true });
    const sigLevel = config.pacman.sig_level;
    await withSandbox(run, (sandbox) =>
      unpackPackages({ state, files, keyring, noExtract: [], sigLevel, root, sandbox, tmp }),
    );
    const { modules, version } = moduleFolder(root, ['usr/lib/modules']) ?? {};
    // Arch's kernel packages have it beside the modules; a hook copies it to /boot.
    const image = version === undefined ? undefined : fileInRoot(root, `usr/lib/modules/${version}/vmlinuz`);
    if (modules === undefined || image === undefined) {
      const names = packages.map((each) => each.name).join(', ');
      throw new Dock0Error(`kernel.package: ${names} has no kernel (usr/lib/modules/<version>/vmlinuz)`);
    }
    await rename(image, join(out, 'vmlinuz'));
    await mkdir(join(out, 'modules/usr/lib'), { recursive: true });
    await rename(modules, join(out, 'modules/usr/lib/modules'));
  },
};
