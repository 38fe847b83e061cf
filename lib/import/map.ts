import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { mapHostKernel, mapKernel } from './kernel';
import { filesBelow, type Keys, keysOf, type Stack, type StackFile, stackPath, textsOf } from './stack';
import { mapStorage } from './storage';

/** A configuration of ours made from one of dock0's. */
export interface Mapped {
  keys: Keys;
  /** What was not carried over, or is something else here: a line each, the old key first. */
  notes: string[];
}

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
  const storage = mapStorage(shared.keys, folder, paths.overlay);
  const notes: string[] = [];
  for (const [key, value] of Object.entries(keysOf(shared.keys.paths))) {
    const instead = WORKING[key];
    if (instead === undefined) notes.push(`paths.${key}: ${String(value)} has no place here`);
    else if (instead !== '') notes.push(`paths.${key}: not needed; ${instead}`);
  }
  if (!there(paths.package_list))
    notes.push(`paths.package_list: there is no ${paths.package_list}; \`packages\` is empty`);
  const keys: Keys = {
    name: 'dock0',
    distribution: 'arch',
    ...(there(paths.package_list) ? { packages: stackPath(paths.package_list) } : {}),
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
export function mapHost(file: StackFile, name: string, { folder, shared }: Stack): Mapped {
  const general = mapGeneral(file, name);
  const kernel =
    'kernel' in file.keys ? mapHostKernel(shared.keys, file.keys, folder) : { keys: {}, notes: [] };
  const paths = Object.keys(keysOf(file.keys.paths)).map(
    (key) => `paths.${key}: a host has no paths of its own here`,
  );
  return {
    keys: { ...general.keys, ...kernel.keys },
    notes: [...general.notes, ...kernel.notes, ...paths, ...retired(file.keys)],
  };
}

function mapGeneral({ keys }: StackFile, name: string): Mapped {
  const notes: string[] = [];
  const out: Keys = {};
  if (typeof keys.hostname === 'string' && keys.hostname !== name) out.hostname = keys.hostname;
  const cleanup = keysOf(keys.cleanup);
  const users = textsOf(cleanup.users);
  const paths = textsOf(cleanup.paths).map((path) => `/${path.replace(/^\/+/, '')}`);
  if (users.length + paths.length > 0)
    out.cleanup = { ...(users.length > 0 ? { users } : {}), ...(paths.length > 0 ? { paths } : {}) };
  const commands = keysOf(keys.commands);
  const chroot = textsOf(commands.chroot);
  const host = textsOf(commands.host);
  if (chroot.length + host.length > 0) {
    out.commands = { ...(chroot.length > 0 ? { chroot } : {}), ...(host.length > 0 ? { host } : {}) };
  }
  if (host.length > 0) notes.push('commands.host: they find the root at $DOCK0_ROOT, not in ./build');
  for (const command of chroot.filter((each) => /zoneinfo/.test(each))) {
    notes.push(`commands.chroot: "${command}": the key timezone does that`);
  }
  for (const command of chroot.filter((each) => /^sed .*\/etc\/shadow/.test(each))) {
    notes.push(
      `commands.chroot: "${command}": root's password is locked unless root.password says otherwise`,
    );
  }
  if ('networking' in keys) {
    const { ipv4_addrs: four, ipv6_addrs: six } = keysOf(keys.networking);
    if (textsOf(four).length + textsOf(six).length > 0) out.network = { dhcp: false };
    notes.push(
      'networking: in vars.networking for templates; network.dhcp is off where addresses are stated',
    );
  }
  if ('containers' in keys)
    notes.push('containers: in vars.containers for templates; nothing here starts containers, a unit has to');
  const rest = Object.entries(keys).filter(([key, value]) => !KNOWN.has(key) && value !== null);
  if (rest.length > 0) out.vars = Object.fromEntries(rest);
  return { keys: out, notes };
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
