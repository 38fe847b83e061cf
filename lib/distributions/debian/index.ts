import { forPackages } from '../exclude';
import type { Distribution } from '../provider';
import { aptOf } from './apt';
import { fetchPackages, newestBuild } from './archives';
import { check } from './check';
import { COMPANIONS } from './companions';
import { downloads } from './downloads';
import { installCommands, toolPackages } from './host-tools';
import { kernel } from './kernel';
import { ownership } from './ownership';
import { hostRelease } from './release';
import { removal } from './removal';
import { resolvePackages } from './resolve';
import { packagesFor, roles } from './roles';
import { TRACES } from './traces';

/**
 * Debian's packages, by mmdebstrap(1): apt's solver chooses them from the host's own sources, the files come into a
 * download cache, and mmdebstrap installs from a local repository that holds just these. So the same list of packages
 * makes the same root, with or without a network.
 */
export const debian: Distribution = {
  name: 'debian',
  version: 4,
  release: hostRelease,
  initramfsBuilders: [],
  check,
  packagesFor,

  tools: [
    { name: 'apt-get' },
    { name: 'mmdebstrap', versioned: true },
    { name: 'dpkg', versioned: true },
    { name: 'dpkg-deb' },
  ],
  settings: ({ config }) => ({ exclude: forPackages(config.exclude) }),
  wanted: () => [],
  roles,
  companions: COMPANIONS,
  resolve: (context, roles, keep) => {
    const packages = [...context.config.packages, ...roles];
    return resolvePackages(aptOf(context), { packages, essential: true }, context, keep);
  },
  download: async (packages, context) => {
    const apt = aptOf(context);
    await fetchPackages(apt, packages, context);
    return newestBuild(apt, packages);
  },
  install: async (packages, root, sandbox, context) => {
    const { installPackages } = await import('./install');
    await installPackages(aptOf(context), packages, root, sandbox, context);
  },
  lists: (context) => aptOf(context).folder,
  refresh: (context) => aptOf(context).refresh(context),

  kernel,
  removal,
  ownership,
  traces: TRACES,
  downloads,

  toolPackages,
  installCommands,
};
