import { relative } from 'node:path';
import type { BuildContext } from '../build';
import { fullName, imageName } from '../config/image-reference';
import type { Own } from '../config/own';
import { machineProgram } from '../config/paths';
import type { Config } from '../config/schema';
import type { View } from '../config/shown';
import { pathsOf } from '../engine/inputs';
import type { FileInput } from '../engine/step';
import type { Customization } from './apply';
import { programsFor, type Runs } from './containers';
import type { Places } from './existing';
import { type Behaviour, behaviourOf } from './machine';
import { isLeftover } from './tree';

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
      ...inRole('overlay', overlay, { attributes: true, except: isLeftover }),
      ...inRole('template', templates, TEMPLATES),
      ...inRole('script', scripts, { follow: true }),
    ],
  };
}

/** A template may include what does not go into the image by itself: files of that count, not the socket of a git. */
const TEMPLATES: Partial<FileInput> = {
  attributes: true,
  except: (path, stat) => isLeftover(path) && !stat.isFile() && !stat.isDirectory() && !stat.isSymbolicLink(),
};

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

const SETTINGS = [
  ...(['locale', 'timezone', 'keymap', 'root', 'users', 'ssh', 'logs'] as const),
  ...(['docker', 'prune', 'time'] as const),
];

/** The settings that the files of the system are made from. */
export type Settings = Pick<Config, (typeof SETTINGS)[number]> &
  Behaviour & {
    /** Private keys of the SSH server. */
    hostKeys: string[];
  };

/**
 * @param keys the lines of public keys that a configuration names by URL
 */
export function settingsOf(config: Config, keys: Readonly<Record<string, readonly string[]>>): Settings {
  const stated = Object.fromEntries(SETTINGS.map((key) => [key, config[key]])) as Pick<
    Config,
    (typeof SETTINGS)[number]
  >;
  const withKeys = <T extends Config['root']>(account: T): T => ({
    ...account,
    ssh_keys: account.ssh_keys.flatMap((item) => keys[item] ?? [item]),
  });
  const users = Object.fromEntries(
    Object.entries(config.users).map(([name, user]) => [name, withKeys(user)]),
  );
  return {
    ...stated,
    root: withKeys(config.root),
    users,
    ...behaviourOf(config),
    hostKeys: config.state.ssh_host_keys,
  };
}

/** What all hosts share of the configuration of the root. */
export function customizeInputs(
  { base, view, basePlaceOf }: Pick<BuildContext, 'base' | 'view' | 'basePlaceOf'>,
  keys: Readonly<Record<string, readonly string[]>>,
) {
  const { values, files } = customizationInputs(base, base, view);
  const places = placesOf(base, base, basePlaceOf);
  return {
    values: { settings: settingsOf(base, keys), ...values },
    files: [...programs(), ...files],
    means: { places },
  };
}

/**
 * The places of what is applied, for messages.
 *
 * @param what a part of `config`, whose lists have the last items of its lists
 */
function placesOf(
  { commands, units, permissions, cleanup }: Customization,
  config: Config,
  placeOf: BuildContext['placeOf'],
): Places {
  const places: Record<string, string> = {};
  const add = (keys: string[], part: readonly unknown[], whole: readonly unknown[]): void => {
    for (const index of part.keys())
      places[[...keys, index].join('.')] = placeOf([...keys, String(whole.length - part.length + index)]);
  };
  for (const key of ['chroot', 'host'] as const) add(['commands', key], commands[key], config.commands[key]);
  for (const key of ['enable', 'disable', 'mask'] as const)
    add(['units', key], units[key], config.units[key]);
  for (const key of ['users', 'paths'] as const) add(['cleanup', key], cleanup[key], config.cleanup[key]);
  for (const [name, { groups }] of Object.entries(config.users)) {
    const keys = ['users', name];
    const all = [[], ['uid'], ['shell'], ['sudo'], ...groups.map((_, at) => ['groups', String(at)])];
    for (const more of all) places[[...keys, ...more].join('.')] = placeOf([...keys, ...more]);
  }
  for (const path of Object.keys(permissions)) places[`permissions.${path}`] = placeOf(['permissions', path]);
  return places;
}

/** What the host's own file states, its settings, and the shared templates, which may differ for each host. */
export function hostInputs(
  { config, base, own, view, placeOf }: BuildContext,
  keys: Readonly<Record<string, readonly string[]>>,
) {
  const { values, files } = customizationInputs(customizationOf(own), config, view);
  const templated = base.templates.length > 0;
  const runs = runsOf(config);
  return {
    values: {
      hostname: config.hostname,
      network: config.network,
      ...(config.firewall === undefined ? {} : { firewall: config.firewall }),
      settings: settingsOf(config, keys),
      shared: settingsOf(base, keys),
      runs,
      ...values,
      // Shared templates are rendered with both.
      ...(templated ? { config: view.of(config), base: view.of(base) } : {}),
    },
    files: [
      ...programs(),
      ...containerInputs(config, runs),
      ...inRole(SHARED_TEMPLATE, base.templates, TEMPLATES),
      ...files,
    ],
    means: { places: placesOf(customizationOf(own), config, placeOf) },
  };
}

function runsOf({ docker, containers, compose, images }: Config): Runs {
  // Files count by their content.
  const withoutFiles = Object.entries(containers).map(([name, { env_file: _, ...rest }]) => [
    name,
    { ...rest, image: loadedName(rest.image, images) },
  ]);
  return {
    containers: Object.fromEntries(withoutFiles),
    compose: compose !== undefined,
    images: docker.enabled && images.length > 0,
  };
}

/** The name that Docker knows an image by once it is loaded: an archive has no digests. */
function loadedName(image: string, images: Config['images']): string {
  const full = fullName(imageName(image));
  const brought = images.some((stated) => !stated.startsWith('/') && fullName(imageName(stated)) === full);
  return brought ? (image.split('@')[0] as string) : image;
}

/** The roles of the files that containers take. */
export const [CONTAINER_PROGRAM, COMPOSE] = ['program of containers', 'compose file'];

/** The role of the env_file of a container. */
export function environmentOf(container: string): string {
  return `environment of ${container}`;
}

function containerInputs({ containers, compose }: Config, runs: Runs): FileInput[] {
  return [
    ...programsFor(runs).map((name) => programInput(CONTAINER_PROGRAM, name)),
    ...Object.entries(containers).flatMap(([name, { env_file: paths }]) =>
      inRole(environmentOf(name), paths, { follow: true }),
    ),
    ...inRole(COMPOSE, compose === undefined ? [] : [compose], { follow: true }),
  ];
}

const PROGRAM = 'program of the machine';

/** Programs of ours that machines run, by name. */
const PROGRAMS = [
  'ssh-host-keys',
  'swap',
  'volume-usage',
  'releases',
  'confirm',
  'loaders/grub',
  'loaders/systemd-boot',
] as const;
export type Programs = Record<(typeof PROGRAMS)[number], string>;

function programs(): FileInput[] {
  return PROGRAMS.map((name) => programInput(PROGRAM, name));
}

function programInput(role: string, name: string): FileInput {
  return { role, name: `hooks/machine/${name}`, path: machineProgram(name) };
}

/** Where the programs are that `customizeInputs` and `hostInputs` told. */
export function programsFrom(files: readonly FileInput[]): Programs {
  const paths = pathsOf(files, PROGRAM);
  return Object.fromEntries(PROGRAMS.map((name, at) => [name, paths[at]])) as Programs;
}

/** The role of templates of all hosts in the layer of one. */
export const SHARED_TEMPLATE = 'shared template';

function customizationOf(own: Own): Customization {
  return {
    overlay: own.overlay ?? [],
    templates: own.templates ?? [],
    scripts: own.scripts ?? [],
    permissions: (own.permissions ?? {}) as Config['permissions'],
    commands: { chroot: [], host: [], network: false, ...own.commands },
    units: { enable: [], disable: [], mask: [], ...own.units },
    cleanup: { users: [], paths: [], packages: [], ...own.cleanup },
  };
}
