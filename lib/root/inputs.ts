import { createHash } from 'node:crypto';
import { relative } from 'node:path';
import type { Config } from '../config/schema';
import type { StepInputs } from '../engine/step';
import type { Json } from '../json';
import type { Customization } from './apply';

/**
 * What a customization depends on: its keys and its folders.
 *
 * @param config the configuration that its templates and scripts see
 */
export function customizationInputs(
  what: Customization,
  config: Config,
): Required<Pick<StepInputs, 'values' | 'files'>> {
  const { overlay, templates, scripts, permissions, commands, units, cleanup } = what;
  const seesAll = templates.length + scripts.length + commands.host.length > 0;
  return {
    values: {
      permissions: json(permissions),
      commands: json(commands),
      units: json(units),
      cleanup: json(cleanup),
      // Templates and scripts may read any key.
      ...(seesAll ? { config: json(withoutPaths(config)) } : {}),
    },
    files: [...overlay, ...templates, ...scripts].map((path) => ({
      name: relative(process.cwd(), path),
      path,
    })),
  };
}

/** The settings that the files of the system are made from, without secrets: records of them are kept. */
export function settingsOf({ locale, timezone, keymap, root, network, docker }: Config): {
  [key: string]: Json | undefined;
} {
  const password = createHash('sha256').update(root.password).digest('hex');
  return {
    locale,
    timezone,
    keymap,
    root: { password, ssh_keys: root.ssh_keys },
    network,
    docker: json(docker),
  };
}

/** Without paths, whose files are compared instead, and without the password. */
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
