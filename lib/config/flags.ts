import { Dock0Error } from '../error';
import { LEAST_MEMORY, MOST_FILE_BYTES } from './limits';
import { meant } from './problems';
import { isSizeWithin } from './size';
import { didYouMean } from './suggest';

/** The flags of the command line. */
export interface Flags {
  /** `--config`, in order. */
  config: string[];
  /** `--host`, in order. */
  host: string[];
  /** `--set`, each `key.path=value`, in order. */
  set: string[];
  output: string;
  /** The folder of the cache: `--cache`, else DOCK0_CACHE, else `.cache`. */
  cache: string;
  /** Steps whose stored artifacts are ignored. */
  force: string[];
  explain: boolean;
  dryRun: boolean;
  verbose: boolean;
  yes: boolean;
  sizes: boolean;
  /** Packages that `gulp update` updates; none: all. */
  package: string[];
  kconfig: string | undefined;
  release: string | undefined;
  memory: string | undefined;
  /** A disk, or a disk image, with releases. */
  onto: string | undefined;
  /** A disk of this machine whose content may be lost. */
  erase: string | undefined;
  /** How the virtual machine starts the release. */
  via: 'direct' | 'bios' | 'uefi' | 'netboot';
  /** TCP port of this machine. */
  ssh: number | undefined;
}

/** A flag as data: for gulp's `task.flags`, the reference and the parser. */
export interface FlagDescription {
  /** The name of its value; absent for a switch. */
  value?: string;
  repeatable?: boolean;
  description: string;
}

/** All flags of this package, by name with the dashes. */
export const flagDescriptions = {
  '--config': {
    value: 'FILE',
    repeatable: true,
    description:
      'Stack this file on the ones before it; default: dock0.yaml, else the default of this package',
  },
  '--host': {
    value: 'NAME',
    repeatable: true,
    description:
      'Build for this host, with its configs/hosts/NAME.yaml (here or next to a --config file) on top',
  },
  '--set': { value: 'KEY=VALUE', repeatable: true, description: 'Set a key, on top of all files' },
  '--output': { value: 'DIR', description: 'Folder of builds; default: build' },
  '--cache': { value: 'DIR', description: 'Folder of the cache; default: DOCK0_CACHE, else .cache' },
  '--force': {
    value: 'STEP',
    repeatable: true,
    description: 'Run this step again, and all that depend on it',
  },
  '--explain': { description: 'Show why each step runs or does not' },
  '--dry-run': { description: 'Show what would be done, and do nothing' },
  '--verbose': { description: "Show the tools' own output and stack traces" },
  '--yes': { description: 'Change this machine without asking' },
  '--sizes': { description: 'Show what takes the place in the release, by package' },
  '--package': {
    value: 'NAME',
    repeatable: true,
    description: 'Update only this package of the lock file, and what it needs',
  },
  '--kconfig': {
    value: 'FILE',
    description:
      "The .config to check, or `running` for this machine's; for kernel:menuconfig, the fragment to write (default: kernel.config)",
  },
  '--release': { value: 'ID', description: 'Release to use; default: the current one' },
  '--memory': { value: 'SIZE', description: 'Memory of the virtual machine, such as 2G' },
  '--onto': {
    value: 'DISK',
    description:
      'A disk, or a disk image, of the layout gpt: install the release beside those that it has, list them, go back; an empty disk gets the whole image',
  },
  '--yes-erase': {
    value: 'DEVICE',
    description: 'The disk of --onto once more: erase all that is on it, and write the whole image',
  },
  '--via': {
    value: 'HOW',
    description:
      'What starts the release in the virtual machine: direct, which is QEMU itself, bios or uefi, which boot its disk image, or netboot, which is iPXE and what the target netboot makes; default: direct',
  },
  '--ssh': {
    value: 'PORT',
    description: 'Forward this port of the build host to SSH in the virtual machine',
  },
} as const satisfies Record<string, FlagDescription>;

/** The name of a flag, with the dashes. */
export type FlagName = keyof typeof flagDescriptions;

/** gulp-cli's own flags that take a value, and its switches (gulp-cli, lib/shared/options/cli-options.js). */
const GULP_VALUES = ['--preload', '--gulpfile', '-f', '--cwd', '--tasks-depth', '--depth'];
const GULP_SWITCHES = [
  '--help',
  '-h',
  '--version',
  '-v',
  '--tasks',
  '-T',
  '--tasks-simple',
  '--tasks-json',
  '--compact-tasks',
  '--sort-tasks',
  '--color',
  '--no-color',
  '--silent',
  '-S',
  '--continue',
  '--series',
  '--log-level',
  '-L',
];

/**
 * Parses the flags; task names and gulp's own flags are skipped.
 *
 * @param argv the arguments after the program: `process.argv.slice(2)`
 * @param folders a gulpfile's --output and --cache; DOCK0_CACHE of the environment wins over the latter
 * @throws Dock0Error for unknown flags, and missing or invalid values, all at once
 */
export function parseFlags(
  argv: readonly string[],
  env: NodeJS.ProcessEnv = process.env,
  folders: { output?: string | undefined; cache?: string | undefined } = {},
): Flags {
  const wrong: string[] = [];
  const { values } = collect(argv, wrong);
  const one = (name: FlagName): string | undefined => {
    const given = values.get(name) ?? [];
    if (given.length > 1) wrong.push(`${name}: expected once, found ${given.length} times`);
    return given[given.length - 1];
  };
  const many = (name: FlagName): string[] => values.get(name) ?? [];
  const memory = one('--memory');
  if (memory !== undefined && !/^[1-9]\d*[KMGT]$/.test(memory)) {
    wrong.push(`--memory: expected a size such as 512M or 2G, found ${JSON.stringify(memory)}`);
  } else if (memory !== undefined && !isSizeWithin(memory, LEAST_MEMORY, MOST_FILE_BYTES))
    wrong.push(`--memory: expected 128M to 16T for a machine, found ${memory}`);
  const via = one('--via') ?? 'direct';
  if (!isVia(via))
    wrong.push(
      `--via: expected direct, bios, uefi or netboot, found ${JSON.stringify(via)}${meant(didYouMean(via, VIAS))}`,
    );
  const flags: Flags = {
    config: many('--config'),
    host: many('--host'),
    set: many('--set'),
    output: one('--output') ?? folders.output ?? 'build',
    cache: one('--cache') ?? (env.DOCK0_CACHE || folders.cache || '.cache'),
    force: many('--force'),
    explain: values.has('--explain'),
    dryRun: values.has('--dry-run'),
    verbose: values.has('--verbose'),
    yes: values.has('--yes'),
    sizes: values.has('--sizes'),
    package: many('--package'),
    kconfig: one('--kconfig'),
    release: one('--release'),
    memory,
    onto: one('--onto'),
    erase: one('--yes-erase'),
    via: isVia(via) ? via : 'direct',
    ssh: port(one('--ssh'), wrong),
  };
  if (wrong.length > 0) throw new Dock0Error(wrong.join('\n'));
  return flags;
}

/** What a command line has: flags of this package, and tasks, each by its name. */
export interface CommandLine {
  flags: FlagName[];
  tasks: string[];
}

/** The names of the flags and tasks of a command line, in order. */
export function namesIn(argv: readonly string[]): CommandLine {
  const { values, tasks } = collect(argv, []);
  return { flags: [...values.keys()], tasks };
}

const VIAS: readonly Flags['via'][] = ['direct', 'bios', 'uefi', 'netboot'];

function isVia(text: string): text is Flags['via'] {
  return VIAS.some((each) => each === text);
}

/** The values of each given flag, where those of a switch are empty; and the words that are no flags nor values of them. */
function collect(
  argv: readonly string[],
  wrong: string[],
): { values: Map<FlagName, string[]>; tasks: string[] } {
  const values = new Map<FlagName, string[]>();
  const tasks: string[] = [];
  for (let at = 0; at < argv.length; at++) {
    const word = argv[at] as string;
    if (word === '--') {
      tasks.push(...argv.slice(at + 1));
      break;
    }
    if (!word.startsWith('-') || word === '-') {
      tasks.push(word);
      continue;
    }
    const [, name = word, inline] = /^(--[^=]+)=([\s\S]*)$/.exec(word) ?? [];
    if (!isOurs(name)) {
      if (GULP_VALUES.includes(name)) at += inline === undefined ? 1 : 0;
      else if (!isGulpSwitch(name)) wrong.push(`${name}: unknown flag${meant(didYouMean(name, allNames()))}`);
      continue;
    }
    const given = values.get(name) ?? [];
    values.set(name, given);
    const { value: wanted }: FlagDescription = flagDescriptions[name];
    const next = argv[at + 1];
    if (wanted === undefined) {
      if (inline !== undefined) wrong.push(`${name}: takes no value, found ${JSON.stringify(inline)}`);
      else if (next !== undefined && !next.startsWith('-')) {
        // gulp does not know that it is a switch.
        wrong.push(
          `${name}: takes no value, but gulp takes ${JSON.stringify(next)} behind it for one, and not for a task; put ${name} behind the tasks`,
        );
        at++;
      }
      continue;
    }
    if (inline === undefined && next !== undefined && !next.startsWith('--')) at++;
    const value = inline ?? (next?.startsWith('--') ? undefined : next);
    if (value === undefined || value === '')
      wrong.push(`${name}: expected ${wanted} after it, found nothing`);
    else given.push(value);
  }
  return { values, tasks };
}

function port(value: string | undefined, wrong: string[]): number | undefined {
  if (value === undefined) return undefined;
  const number = Number(value);
  if (/^\d+$/.test(value) && number >= 1 && number <= 65535) return number;
  wrong.push(`--ssh: expected a port from 1 to 65535, found ${JSON.stringify(value)}`);
  return undefined;
}

function isOurs(name: string): name is FlagName {
  return Object.hasOwn(flagDescriptions, name);
}

/** Also bundled short ones (`-LLL`) and negations (`--no-series`), which gulp-cli accepts. */
function isGulpSwitch(name: string): boolean {
  if (GULP_SWITCHES.includes(name)) return true;
  if (name.startsWith('--no-')) return GULP_SWITCHES.includes(`--${name.slice(5)}`);
  return /^-[hvTSL]+$/.test(name);
}

function allNames(): string[] {
  return [...Object.keys(flagDescriptions), ...GULP_VALUES, ...GULP_SWITCHES].filter((name) =>
    name.startsWith('--'),
  );
}
