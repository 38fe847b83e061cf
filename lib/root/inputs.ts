import { createHash } from 'node:crypto';
import { relative } from 'node:path';
import type { Config } from '../config/schema';
import type { View } from '../config/shown';
import type { FileInput, StepInputs } from '../engine/step';
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
  view: View,
): Required<Pick<StepInputs, 'values' | 'files'>> {
  const { overlay, templates, scripts, permissions, commands, units, cleanup } = what;
  const seesAll = templates.length + scripts.length + commands.host.length > 0;
  const files = (role: string, paths: readonly string[], more: Partial<FileInput> = {}): FileInput[] =>
    paths.map((path) => ({ role, name: relative(process.cwd(), path), path, ...more }));
  return {
    values: {
      permissions: json(permissions),
      commands: json(commands),
      units: json(units),
      cleanup: json(cleanup),
      // Templates, scripts and host commands may read any key.
      ...(seesAll ? { config: json(view.of(config)), order: orderOf(view.of(config)) } : {}),
    },
    files: [
      ...files('overlay', overlay),
      ...files('template', templates),
      ...files('script', scripts, { follow: true }),
    ],
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

/**
 * Changes with the order of the keys of any map: maps are recorded with sorted keys, but templates and scripts may go
 * through them as they are.
 */
function orderOf(config: Config): string {
  const keys: string[] = [];
  JSON.stringify(config, (key, value) => {
    keys.push(key);
    return value;
  });
  return createHash('sha256').update(JSON.stringify(keys)).digest('hex').slice(0, 16);
}

function json(value: unknown): Json {
  return JSON.parse(JSON.stringify(value));
}
