import { createHash } from 'node:crypto';
import { join, relative } from 'node:path';
import type { BuildStep } from '../lib/build';
import type { Config } from '../lib/config/schema';
import { rootTools } from '../lib/distributions/root';
import type { FileInput } from '../lib/engine/step';
import type { Json } from '../lib/json';
import { applyCustomization, type Customization } from '../lib/root/apply';
import { neededUnits, setRootPassword, sshKeys, systemFiles } from '../lib/root/system-files';
import { withLayer } from '../lib/system/layer';
import { pacstrap } from './pacstrap';
import { baseImage, rootfs } from './rootfs';

/**
 * Applies what the configuration says about the root to it, and keeps the difference as the layer `layer/`. What
 * belongs to one host only is the `host` step's.
 */
export const customize: BuildStep<'rootfs' | 'pacstrap'> = {
  name: 'customize',
  description: 'Applies overlay, templates, scripts, commands and settings to the root',
  version: 2,
  root: 'changes owners and runs commands in a chroot',
  needs: () => ({ rootfs, pacstrap }),

  inputs: ({ base }) => ({
    values: { ...settingsOf(base), ...customizationValues(base, base) },
    files: customizationFiles(base),
  }),

  run: async (context) => {
    const { base: config, needs, out, tmp, run, log } = context;
    const below = [join(needs.pacstrap.path, 'layer')];
    const epoch = Number(needs.pacstrap.meta.epoch);
    const tools = await rootTools(config);
    const layer = join(out, 'layer');
    const { removed } = await withLayer(
      { below, layer, tmp, image: baseImage(needs.rootfs) },
      run,
      log,
      async (open) => {
        const root = open.path('/');
        const files = [...systemFiles(config, root), ...sshKeys(config.root.ssh_keys)];
        setRootPassword(root, config.root.password);
        const units = {
          ...config.units,
          enable: [...neededUnits(config, root, files), ...config.units.enable],
        };
        return applyCustomization({ ...config, units }, files, {
          open,
          config,
          epoch,
          tmp,
          run,
          log,
          ...tools,
        });
      },
    );
    return { epoch, removed };
  },
};

/** The keys of a customization that a fingerprint compares; commands see what is called `SOURCE_DATE_EPOCH`. */
export function customizationValues(what: Customization, config: Config): { [key: string]: Json } {
  const { permissions, commands, units, cleanup } = what;
  const seesAll = what.templates.length + what.scripts.length + commands.host.length > 0;
  return {
    permissions: json(permissions),
    commands: json(commands),
    units: json(units),
    cleanup: json(cleanup),
    // Templates and scripts may read any key. Paths are left out: what lies there is compared as files.
    ...(seesAll ? { config: json(withoutPaths(config)) } : {}),
  };
}

/** The folders a customization reads. */
export function customizationFiles(what: Customization): FileInput[] {
  return [...what.overlay, ...what.templates, ...what.scripts].map((path) => ({
    name: relative(process.cwd(), path),
    path,
  }));
}

/** The settings that `systemFiles` and the like make files of, fit for a record that is kept. */
export function settingsOf({ locale, timezone, keymap, root, network, docker }: Config): {
  [key: string]: Json | undefined;
} {
  // Hashed: records are kept, and a password's hash is nobody's business.
  const secret = createHash('sha256').update(root.password).digest('hex');
  return {
    locale,
    timezone,
    keymap,
    root: { password: secret, ssh_keys: root.ssh_keys },
    network,
    docker: json(docker),
  };
}

function withoutPaths(config: Config): Partial<Config> {
  const {
    overlay: _1,
    templates: _2,
    scripts: _3,
    hooks: _4,
    initramfs: _6,
    kernel: _7,
    pacman: _8,
    root: _9,
    ...rest
  } = config;
  return rest;
}

function json(value: unknown): Json {
  return JSON.parse(JSON.stringify(value));
}
