import { relative } from 'node:path';
import type { Config } from '../config/schema';
import type { View } from '../config/shown';
import { pathsOf } from '../engine/inputs';
import type { FileInput } from '../engine/step';
import type { Customization } from './apply';

/**
 * What a customization depends on: its keys and its folders.
 *
 * @param config the configuration that its templates and scripts see
 */
export function customizationInputs(what: Customization, config: Config, view: View) {
  const { overlay, templates, scripts, permissions, commands, units, cleanup } = what;
  const seesAll = templates.length + scripts.length + commands.host.length > 0;
  return {
    values: {
      permissions,
      commands,
      units,
      cleanup,
      distribution: config.distribution,
      // Templates, scripts and host commands may read any key.
      ...(seesAll ? { config: view.of(config) } : {}),
    },
    files: [
      ...inRole('overlay', overlay),
      ...inRole('template', templates),
      ...inRole('script', scripts, { follow: true }),
    ],
  };
}

/** Files or folders that are used in the same way. */
export function inRole(role: string, paths: readonly string[], more: Partial<FileInput> = {}): FileInput[] {
  return paths.map((path) => ({ role, name: relative(process.cwd(), path), path, ...more }));
}

/** The customization that `customizationInputs` told. */
export function customizationFrom(
  { permissions, commands, units, cleanup }: Omit<Customization, 'overlay' | 'templates' | 'scripts'>,
  files: readonly FileInput[],
): Customization {
  return {
    overlay: pathsOf(files, 'overlay'),
    templates: pathsOf(files, 'template'),
    scripts: pathsOf(files, 'script'),
    permissions,
    commands,
    units,
    cleanup,
  };
}

/** The settings that the files of the system are made from. */
export type Settings = Pick<Config, 'locale' | 'timezone' | 'keymap' | 'root' | 'network' | 'docker'>;

export function settingsOf({ locale, timezone, keymap, root, network, docker }: Config): Settings {
  return { locale, timezone, keymap, root, network, docker };
}
