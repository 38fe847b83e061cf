import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { mapChanges } from './changes';
import { mapContainers } from './containers';
import { mapHostKernel, mapKernel } from './kernel';
import { mapNetworking } from './network';
import {
  filesBelow,
  hostPath,
  isKeys,
  type Keys,
  keysOf,
  type Mapped,
  type Stack,
  type StackFile,
  stackPath,
} from './stack';
import { mapStorage } from './storage';

/** dock0's keys that have an equivalent here; all others go to `vars`, for templates. */
const KNOWN = new Set([
  'paths',
  'root_size',
  'fs',
  'lvm',
  'kernel',
  'cleanup',
  'templates',
  'commands',
  'containers',
  'hostname',
  'artifacts',
  'org',
  'menagerie',
]);

/** Those of them that are maps. */
const MAPS = ['paths', 'fs', 'lvm', 'kernel', 'cleanup', 'commands'];

/** Keys that a host can't set, since all hosts share their values. */
const SHARED: Record<string, string> = {
  root_size: 'all hosts share the root; set it in dock0.yaml',
  fs: 'all hosts share the root; set it in dock0.yaml',
  lvm: 'set volumes and install.cow in this file, as in dock0.yaml',
  templates: "write each as a template, and add their folder to this file's `templates`",
};

/** Paths that dock0 worked with, which the build manages here. */
const WORKING: Record<string, string> = {
  device: 'the release is a disk image or a folder: install.target',
  mount: 'nothing is mounted on the host: install.target',
  build_file: 'the build root is in the cache: fs.backend',
  build: 'the build root is in the cache: fs.backend',
  output: 'releases are in build/NAME: --output',
  base: 'releases are in build/NAME: --output',
  package_list: '',
  overlay: '',
  scripts: '',
  templates: '',
};

/** dock0's defaults. */
const DEFAULTS = {
  package_list: './packages',
  overlay: './overlay',
  scripts: './scripts',
  templates: './templates',
};

/** What a Docker host needs, for a stack without packages: an Arch root can't be empty. */
const PACKAGES = ['base', 'docker', 'iptables'];

/** The paths of the shared configuration, with dock0's defaults. */
export function pathsOf({ shared }: Stack): Record<keyof typeof DEFAULTS, string> {
  const paths = keysOf(shared.keys.paths);
  const named = Object.keys(DEFAULTS).flatMap((key) =>
    typeof paths[key] === 'string' ? [[key, paths[key]]] : [],
  );
  return { ...DEFAULTS, ...Object.fromEntries(named) };
}

/** Maps the shared configuration; `templates` is the folder of converted templates, if there are any. */
export function mapShared(stack: Stack, templates: string | undefined): Mapped {
  const { folder, shared } = stack;
  const paths = pathsOf(stack);
  const there = (path: string): boolean => existsSync(join(folder, path));
  const general = mapGeneral(shared, 'dock0');
  const kernel = mapKernel(shared.keys, folder);
  const storage = mapStorage(stack, paths.overlay);
  const containers = containersOf(shared, stack, stackPath);
  const notes: string[] = [];
  for (const [key, value] of Object.entries(keysOf(shared.keys.paths))) {
    const instead = WORKING[key];
    if (instead === undefined) notes.push(`paths.${key}: no equivalent here: ${String(value)}`);
    else if (instead !== '') notes.push(`paths.${key}: not needed; ${instead}`);
  }
  const listed = there(paths.package_list) && stack.read(paths.package_list).trim() !== '';
  if (!listed)
    notes.push(
      `paths.package_list: ${paths.package_list} lists no packages; ${PACKAGES.join(', ')} are used`,
    );
  if (keysOf(shared.keys.paths).overlay !== undefined && !there(paths.overlay))
    notes.push(`paths.overlay: there is no ${paths.overlay}; left out`);
  const keys: Keys = {
    name: 'dock0',
    distribution: 'arch',
    packages: listed ? stackPath(paths.package_list) : PACKAGES,
    ...(there(paths.overlay) ? { overlay: stackPath(paths.overlay) } : {}),
    ...(templates === undefined ? {} : { templates }),
    ...general.keys,
    ...kernel.keys,
    ...storage.keys,
    ...containers.keys,
  };
  return {
    keys,
    notes: [
      ...general.notes,
      ...notes,
      ...kernel.notes,
      ...storage.notes,
      ...containers.notes,
      ...scriptNotes(stack),
      ...retired(shared.keys),
    ],
  };
}

/** Maps a host's file: its name is the file's. */
export function mapHost(file: StackFile, name: string, stack: Stack): Mapped {
  const general = mapGeneral(file, name);
  const kernel =
    'kernel' in file.keys
      ? mapHostKernel(stack.shared.keys, file.keys, stack.folder)
      : { keys: {}, notes: [] };
  const containers = containersOf(file, stack, hostPath);
  const paths = Object.keys(keysOf(file.keys.paths)).map(
    (key) => `paths.${key}: a host has no paths of its own here`,
  );
  const shared = Object.entries(SHARED)
    .filter(([key]) => (file.keys[key] ?? null) !== null)
    .map(([key, why]) => `${key}: not carried over from a host: ${JSON.stringify(file.keys[key])}; ${why}`);
  return {
    keys: { ...general.keys, ...kernel.keys, ...containers.keys },
    notes: [
      ...general.notes,
      ...shared,
      ...kernel.notes,
      ...containers.notes,
      ...paths,
      ...retired(file.keys),
    ],
  };
}

function containersOf({ keys }: StackFile, stack: Stack, written: (path: string) => string): Mapped {
  return mapContainers(keys.containers, { folder: stack.folder, overlay: pathsOf(stack).overlay, written });
}

function mapGeneral({ keys }: StackFile, name: string): Mapped {
  const changes = mapChanges(keys);
  const notes = changes.notes;
  const out = changes.keys;
  const hostname = keys.hostname ?? name;
  if (isKeys(hostname) || Array.isArray(hostname)) notes.push('hostname: not a string; left out');
  else if (String(hostname) !== name) out.hostname = String(hostname);
  for (const key of MAPS.filter((each) => (keys[each] ?? null) !== null && !isKeys(keys[each])))
    notes.push(`${key}: not carried over, since it is not a map: ${JSON.stringify(keys[key])}`);
  if ('networking' in keys) {
    const network = mapNetworking(keys.networking);
    Object.assign(out, network.keys);
    notes.push(...network.notes);
  }
  const vars = varsOf(keys);
  if (Object.keys(vars).length > 0) out.vars = vars;
  return { keys: out, notes };
}

/** The keys of a file that have no equivalent here. */
export function varsOf(keys: Keys): Keys {
  return Object.fromEntries(Object.entries(keys).filter(([key, value]) => !KNOWN.has(key) && value !== null));
}

/** What dock0's own scripts did, and what does it now. */
const SCRIPTS: readonly (readonly [RegExp, string])[] = [
  [/@config\[['":]*cleanup/, 'the key cleanup does this now'],
  [/@config\[['":]*templates|ERB\.new/, 'the key templates does this now'],
  [/roller|@config\[['":]*kernel/, 'the keys kernel and initramfs do this now'],
  [/lvcreate|@config\[['":]*lvm/, 'volumes are made once, by hand: the key volumes mounts them'],
];

function scriptNotes(stack: Stack): string[] {
  const { scripts } = pathsOf(stack);
  return filesBelow(join(stack.folder, scripts))
    .filter((file) => file.endsWith('.rb'))
    .map((file) => {
      const text = stack.read(join(scripts, file));
      const done = SCRIPTS.find(([pattern]) => pattern.test(text))?.[1];
      return `${join(scripts, file)}: ${done ?? 'Ruby that ran inside dock0; rewrite it as an executable and add its folder to `scripts`'}`;
    });
}

function retired(keys: Keys): string[] {
  return ['artifacts', 'org', 'menagerie']
    .filter((key) => key in keys)
    .map((key) => `${key}: dock0 install downloaded finished parts; here the build makes them`);
}
