import { basename } from 'node:path';
import type { BuildContext } from '../../build';
import type { Json } from '../../json';
import type { PackageProvider } from '../provider';
import { downloadPackages, newestBuild, packageFiles } from './download';
import { installPackages } from './install';
import { openState } from './open-state';
import { type PacmanRequest, resolvePackages } from './resolve';
import type { PacmanState } from './state';

/**
 * Arch's packages, by pacstrap(8): pacman chooses them from the mirrors' databases, the files come into a download
 * cache, and pacstrap installs from a local repository that holds just these. So the same list of packages makes the
 * same root, with or without a network, whatever the mirrors have by then.
 */
export const arch: PackageProvider = {
  distribution: 'arch',
  version: 2,
  tools: ['pacman', 'pacstrap'],
  settings: archInputs,

  resolve: (context, keep) => {
    const { packages, pacman } = context.config;
    const request: PacmanRequest = { packages, local: pacman.local_packages, key: 'packages' };
    return resolvePackages(stateOf(context), request, context, keep);
  },

  wanted: ({ config }) => config.pacman.local_packages.map((file) => basename(file)),

  download: async (packages, context) => {
    const state = stateOf(context);
    await downloadPackages(state, packages, context.config.pacman.local_packages, context);
    return newestBuild(await packageFiles(state, packages, context.run));
  },

  install: async (packages, root, sandbox, context) => {
    const state = stateOf(context);
    const { config, tmp, epoch, progress } = context;
    const { no_extract: noExtract, sig_level: sigLevel } = config.pacman;
    const keyring = await state.keyring(context);
    const files = await packageFiles(state, packages, context.run);
    const requested = config.packages;
    await installPackages({
      state,
      files,
      requested,
      keyring,
      noExtract,
      sigLevel,
      root,
      sandbox,
      tmp,
      epoch,
      progress,
    });
  },

  lists: (context) => stateOf(context).folder,

  refresh: (context) => stateOf(context).refresh(context),
};

/**
 * What of the configuration changes the root besides the packages: paths that are left out, which packages count as
 * asked for (pacman keeps that in its database), and whose packages are trusted: a root made when more was taken is
 * not to be used any more.
 */
function archInputs({ config, cache }: Pick<BuildContext, 'config' | 'cache'>): { [key: string]: Json } {
  return {
    no_extract: config.pacman.no_extract,
    requested: [...config.packages].sort(),
    trust: stateOf({ config, cache }).trust(),
  };
}

/** The private pacman of a configuration. */
export function stateOf({ config, cache }: Pick<BuildContext, 'config' | 'cache'>): PacmanState {
  return openState(config, cache);
}
