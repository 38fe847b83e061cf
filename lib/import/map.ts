import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { mapChanges } from './changes';
import { mapHostKernel, mapKernel } from './kernel';
import {
  filesBelow,
  isKeys,
  type Keys,
  keysOf,
  type Mapped,
  type Stack,
  type StackFile,
  stackPath,
  textsOf,
} from './stack';
import { mapStorage } from './storage';

/** dock0's keys that have a place of their own here; every other one goes to `vars`, where templates find it. */
const KNOWN = new Set([
  'paths',
  'root_size',
  'fs',
  'lvm',
  'kernel',
  'cleanup',
  'templates',
  'commands',
  'hostname',
  'artifacts',
  'org',
  'menagerie',
]);

/** Those of them that hold keys of their own. */
const MAPS = ['paths', 'fs', 'lvm', 'kernel', 'cleanup', 'commands'];

/** What all hosts share here, so that one of them can't state it. */
const SHARED: Record<string, string> = {
  root_size: 'the root is one for all hosts; state it in dock0.yaml',
  fs: 'the root is one for all hosts; state it in dock0.yaml',
  lvm: 'state volumes and install.cow in this file, as dock0.yaml has them',
  templates: "write each as a template, and name their folder in this file's `templates`",
};

/** Paths of dock0's own working, which the build looks after here. */
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

/** dock0's defaults, where its configuration says nothing. */
const DEFAULTS = {
  package_list: './packages',
  overlay: './overlay',
  scripts: './scripts',
  templates: './templates',
};

/** What a Docker host needs, where the stack lists no packages: an Arch root of none can't be made. */
const PACKAGES = ['base', 'docker', 'iptables'];

/** Where the files are that the shared configuration names, as they are written in it. */
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
  const notes: string[] = [];
  for (const [key, value] of Object.entries(keysOf(shared.keys.paths))) {
    const instead = WORKING[key];
    if (instead === undefined) notes.push(`paths.${key}: ${String(value)} has no place here`);
    else if (instead !== '') notes.push(`paths.${key}: not needed; ${instead}`);
  }
  const listed = there(paths.package_list) && stack.read(paths.package_list).trim() !== '';
  if (!listed)
    notes.push(
      `paths.package_list: ${paths.package_list} names none, and dock0 had no default; ${PACKAGES.join(', ')} are assumed`,
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
  };
  return {
    keys,
    notes: [
      ...general.notes,
      ...notes,
      ...kernel.notes,
      ...storage.notes,
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
  const paths = Object.keys(keysOf(file.keys.paths)).map(
    (key) => `paths.${key}: a host has no paths of its own here`,
  );
  const shared = Object.entries(SHARED)
    .filter(([key]) => (file.keys[key] ?? null) !== null)
    .map(
      ([key, why]) => `${key}: can't be taken over from a host: ${JSON.stringify(file.keys[key])}; ${why}`,
    );
  return {
    keys: { ...general.keys, ...kernel.keys },
    notes: [...general.notes, ...shared, ...kernel.notes, ...paths, ...retired(file.keys)],
  };
}

function mapGeneral({ keys }: StackFile, name: string): Mapped {
  const changes = mapChanges(keys);
  const notes = changes.notes;
  const out = changes.keys;
  const hostname = keys.hostname ?? name;
  if (isKeys(hostname) || Array.isArray(hostname)) notes.push('hostname: no text; left out');
  else if (String(hostname) !== name) out.hostname = String(hostname);
  for (const key of MAPS.filter((each) => (keys[each] ?? null) !== null && !isKeys(keys[each])))
    notes.push(`${key}: can't be taken over, since it is no map of keys: ${JSON.stringify(keys[key])}`);
  if ('networking' in keys) {
    const { ipv4_addrs: four, ipv6_addrs: six } = keysOf(keys.networking);
    if (textsOf(four).length + textsOf(six).length > 0) out.network = { dhcp: false };
    notes.push(
      'networking: in vars.networking for templates; network.dhcp is off where addresses are stated',
    );
  }
  if ('containers' in keys)
    notes.push('containers: in vars.containers for templates; nothing here starts containers, a unit has to');
  const vars = varsOf(keys);
  if (Object.keys(vars).length > 0) out.vars = vars;
  return { keys: out, notes };
}

/** What a file of the stack states that has no place of its own here. */
export function varsOf(keys: Keys): Keys {
  return Object.fromEntries(Object.entries(keys).filter(([key, value]) => !KNOWN.has(key) && value !== null));
}

/** What dock0's own scripts did, and what does it here. */
const SCRIPTS: readonly (readonly [RegExp, string])[] = [
  [/@config\[['":]*cleanup/, 'the key cleanup does that now'],
  [/@config\[['":]*templates|ERB\.new/, 'the key templates does that now'],
  [/roller|@config\[['":]*kernel/, 'the keys kernel and initramfs do that now'],
  [/lvcreate|@config\[['":]*lvm/, 'volumes are made once, by hand: the key volumes mounts them'],
];

function scriptNotes(stack: Stack): string[] {
  const { scripts } = pathsOf(stack);
  return filesBelow(join(stack.folder, scripts))
    .filter((file) => file.endsWith('.rb'))
    .map((file) => {
      const text = stack.read(join(scripts, file));
      const done = SCRIPTS.find(([pattern]) => pattern.test(text))?.[1];
      return `${join(scripts, file)}: ${done ?? 'Ruby run inside dock0; write it as an executable and name its folder in `scripts`'}`;
    });
}

function retired(keys: Keys): string[] {
  return ['artifacts', 'org', 'menagerie']
    .filter((key) => key in keys)
    .map((key) => `${key}: dock0 install fetched finished parts; here the build makes them`);
}
