import { basename } from 'node:path';
import type { BuildContext } from '../../build';
import { isGenerated } from '../../config/locale';
import type { Config } from '../../config/schema';
import { forPackages } from '../exclude';
import type { Distribution, Role } from '../provider';
import { check } from './check';
import { downloadPackages, newestBuild, packageFiles } from './download';
import { downloads } from './downloads';
import { installCommands, toolPackages } from './host-tools';
import { installPackages } from './install';
import { kernel } from './kernel';
import { DISTRIBUTION_KEYS } from './keyring';
import { stateOf } from './open-state';
import { ownership } from './ownership';
import { removal } from './removal';
import type { PacmanRequest } from './requests';
import { resolvePackages } from './resolve';
import { PACKAGES_FOR } from './roles';
import { TRACES } from './tidy';

/**
 * Arch's packages, by pacman(8): it chooses them from the mirrors' databases, the files come into a download
 * cache, and pacman installs from a local repository that holds just these. So the same list of packages makes the
 * same root, with or without a network, whatever the mirrors have.
 */
export const arch: Distribution = {
  name: 'arch',
  version: 3,
  initramfsBuilders: ['mkinitcpio'],
  check,
  packagesFor: PACKAGES_FOR,

  tools: [
    { name: 'pacman', versioned: true },
    ...['gpg', 'curl', 'bsdtar'].map((name) => ({ name })),
    { name: "Arch's keys", files: DISTRIBUTION_KEYS },
  ],
  settings,
  wanted: ({ config }) => config.pacman.local_packages.map((file) => basename(file)),

  roles,
  resolve: (context, roles, keep) => {
    const { packages, pacman } = context.config;
    const request: PacmanRequest = {
      packages: [...packages, ...roles],
      local: pacman.local_packages,
      key: 'packages',
    };
    return resolvePackages(stateOf(context), request, context, keep);
  },

  download: async (packages, context) => {
    const state = stateOf(context);
    await downloadPackages(state, packages, context.config.pacman.local_packages, context);
    return newestBuild(await packageFiles(state, packages, context.run));
  },

  install: async (packages, root, sandbox, context) => {
    const state = stateOf(context);
    const { config, tmp, epoch, progress } = context;
    const { exclude: noExtract, requested } = context.settings as ReturnType<typeof settings>;
    const { sig_level: sigLevel } = config.pacman;
    const keyring = await state.keyring(context);
    const files = await packageFiles(state, packages, context.run);
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

  kernel,
  removal,
  ownership,
  traces: TRACES,
  downloads,

  toolPackages,
  installCommands,
  installHint:
    'When the mirrors have moved on, `pacman -Syu` brings this machine and its package lists up to date.',
};

/** Docker, unless it is among the packages, whoever has built it. */
function roles({ docker, packages, pacman }: Pick<Config, 'docker' | 'packages' | 'pacman'>): Role[] {
  const named = [
    ...packages.map((name) => name.replace(/^.*\//, '')),
    ...pacman.local_packages.map((file) => basename(file)),
  ];
  const stated = named.some((name) => /^docker(-git)?([-<>=]\d.*)?$/.test(name));
  return docker.enabled && !stated ? [{ packages: 'docker', use: 'docker.enabled' }] : [];
}

/** What a locale is generated from, whatever is left out otherwise: of several patterns pacman heeds the last one. */
const LOCALE_SOURCES = ['!/usr/share/i18n/locales/*', '!/usr/share/i18n/charmaps/*'];

/**
 * What changes the root besides the packages: paths that are left out, which packages count as requested (pacman keeps
 * that in its database), and whose packages are trusted: a root that was made with more trust is not reused.
 */
function settings({ config, cache }: Pick<BuildContext, 'config' | 'cache'>, needed: readonly string[]) {
  return {
    exclude: [...forPackages(config.exclude), ...(isGenerated(config) ? LOCALE_SOURCES : [])],
    requested: [...config.packages, ...needed].sort(),
    trust: stateOf({ config, cache }).trust(),
  };
}
