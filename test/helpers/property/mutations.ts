import { KEYS, type Reader } from './keys';
import type { Project } from './project';

/** Numbers from 0 to 1 that follow from a seed (mulberry32). */
export function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

/** A change of a project, and which steps read what it changes. */
export interface Mutation {
  what: string;
  readers: readonly Reader[];
}

/** Changes a project in one place. */
export function mutate(project: Project, random: () => number): Mutation {
  const kinds = [
    changeKey,
    changeKey,
    changeList,
    changeList,
    changeFile,
    changeFile,
    changeFile,
    changeWorld,
  ];
  return pick(kinds, random)(project, random);
}

function changeKey({ config }: Project, random: () => number): Mutation {
  const [path, values, readers] = pick(KEYS, random);
  const keys = path.split('.');
  const last = keys.pop() as string;
  let map = config as Record<string, unknown>;
  for (const key of keys) {
    if (typeof map[key] !== 'object' || map[key] === null) map[key] = {};
    map = map[key] as Record<string, unknown>;
  }
  const others = values.filter((value) => JSON.stringify(value) !== JSON.stringify(map[last]));
  map[last] = pick(others, random);
  return { what: `${path} = ${JSON.stringify(map[last])}`, readers: [...readers, 'install', 'all'] };
}

/** Folders move, come, go and change their order; so do hooks and commands. */
function changeList({ config }: Project, random: () => number): Mutation {
  const readers: Reader[] = ['customize', 'install', 'all'];
  const kind = pick(['folder', 'script', 'hook', 'command'], random);
  if (kind === 'hook') {
    const step = pick(['customize', 'initramfs', 'kernel', 'squash', 'install'] as const, random);
    const name = `${pick(['pre', 'post'], random)}-${step}`;
    const hooks = config.hooks[name] ?? [];
    toggle(hooks, pick(['./one', './two'], random), random);
    if (hooks.length > 0) config.hooks[name] = hooks;
    else delete config.hooks[name];
    return { what: `hooks = ${JSON.stringify(config.hooks)}`, readers: [step, 'install', 'all'] };
  }
  if (kind === 'command') {
    const { chroot, host } = config.commands;
    if (random() < 0.5) toggle(chroot, pick(['echo 1 >> /etc/log', 'echo 2 >> /etc/log'], random), random);
    else
      toggle(
        host,
        pick(['echo 1 >> "$DOCK0_ROOT/etc/log"', 'echo 2 >> "$DOCK0_ROOT/etc/log"'], random),
        random,
      );
    return { what: `commands = ${JSON.stringify(config.commands)}`, readers };
  }
  if (kind === 'script') toggle(config.scripts, pick(['./s', './r'], random), random);
  else {
    const folder = pick(['./a', './b', './t', './u'], random);
    // A folder is used in one way at a time.
    const from = config.overlay.includes(folder) ? config.overlay : config.templates;
    if (from.includes(folder)) from.splice(from.indexOf(folder), 1);
    if (random() < 0.8) insert(random() < 0.5 ? config.overlay : config.templates, folder, random);
  }
  const { overlay, templates, scripts } = config;
  return { what: JSON.stringify({ overlay, templates, scripts }), readers };
}

/** Who reads the files that no list has; the others are of the customization. */
const READ: readonly (readonly [prefix: string, readers: readonly Reader[]])[] = [
  ['vmlinuz', ['kernel']],
  ['config', ['kernel', 'pacstrap']],
  ['modules/', ['kernel']],
  ['hooks/', ['initramfs']],
  ['more-hooks/', ['initramfs']],
  // Comments only.
  ['more.yaml', []],
  ['other.yaml', []],
  ['secret', ['all']],
];

function changeFile(project: Project, random: () => number): Mutation {
  const path = pick(Object.keys(project.files), random);
  const file = project.files[path] as Project['files'][string];
  const number = Math.floor(random() * 1000);
  if ('link' in file) project.files[path] = { link: pick(['x', 'tool', 'nowhere', `n${number}`], random) };
  else if (path.startsWith('vmlinuz')) project.files[path] = { ...file, text: `kernel ${number}\n` };
  else {
    const executable = file.text.startsWith('#!');
    const change = pick(['text', 'text', 'mode', 'new'], random);
    if (change === 'text') project.files[path] = { ...file, text: `${file.text.trimEnd()}\n# ${number}\n` };
    else if (change === 'mode')
      project.files[path] = {
        ...file,
        mode: executable ? pick([0o755, 0o700, 0o750], random) : pick([0o644, 0o600, 0o640], random),
      };
    else if (/^[abtu]\//.test(path)) project.files[`${path}-${number % 5}`] = { ...file };
    else project.files[path] = { ...file, text: `${file.text.trimEnd()}\n` };
  }
  const read = READ.find(([prefix]) => path.startsWith(prefix));
  if (read !== undefined) return { what: `${path} ${number}`, readers: read[1] };
  const hook = path === 'one' || path === 'two';
  const steps = Object.entries(project.config.hooks).filter(([, hooks]) => hooks.includes(`./${path}`));
  const hooked = steps.map(([name]) => name.replace(/^(pre|post)-/, '') as Reader);
  return {
    what: `${path} ${JSON.stringify(project.files[path])}`,
    readers: hook ? hooked : ['customize', 'host'],
  };
}

/** What must not count: the environment, the umask, the time zone, the locale, the clock; and one value that does. */
function changeWorld(project: Project, random: () => number): Mutation {
  const kind = pick(['FOO', 'TZ', 'LC_ALL', 'HOME', 'umask', 'clock', 'TOKEN', 'KEY'], random);
  const number = String(Math.floor(random() * 1000));
  if (kind === 'umask') project.umask = pick([0o022, 0o077, 0o002, 0o027], random);
  else if (kind === 'clock') project.clock = Math.floor(random() * 1e8);
  else if (kind === 'TZ') project.env.TZ = pick(['UTC', 'Asia/Kathmandu', 'America/New_York'], random);
  else if (kind === 'LC_ALL') project.env.LC_ALL = pick(['C', 'tr_TR.UTF-8', 'de_DE.UTF-8'], random);
  else if (kind === 'TOKEN' || kind === 'KEY') project.env[kind] = `value-of-it-${number}`;
  else project.env[kind] = `/somewhere/${number}`;
  return { what: kind, readers: kind === 'TOKEN' || kind === 'KEY' ? ['all'] : [] };
}

function toggle(list: string[], item: string, random: () => number): void {
  const at = list.indexOf(item);
  if (at >= 0) list.splice(at, 1);
  if (at < 0 || random() < 0.5) insert(list, item, random);
}

function insert(list: string[], item: string, random: () => number): void {
  list.splice(Math.floor(random() * (list.length + 1)), 0, item);
}

function pick<T>(items: readonly T[], random: () => number): T {
  return items[Math.floor(random() * items.length)] as T;
}
