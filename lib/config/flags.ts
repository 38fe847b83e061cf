import { Dock0Error } from '../error';
import { meant } from './problems';
import { didYouMean } from './suggest';

/** What the command line asks for. */
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
  /** Steps whose stored artifacts are not to be used. */
  force: string[];
  explain: boolean;
  dryRun: boolean;
  verbose: boolean;
  yes: boolean;
  /** Packages that `gulp update` moves; none: all. */
  package: string[];
  kconfig: string | undefined;
  release: string | undefined;
  memory: string | undefined;
  /** A TCP port of this machine. */
  ssh: number | undefined;
}

/** A flag as data: for gulp's `task.flags`, the README and the parser alike. */
export interface FlagDescription {
  /** What its value is called; absent for a switch. */
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
      'Stack this file on those before it; default: dock0.yaml, else the configuration in the package',
  },
  '--host': {
    value: 'NAME',
    repeatable: true,
    description: 'Build for this host: configs/hosts/NAME.yaml, here or beside a --config file, on top',
  },
  '--set': { value: 'KEY=VALUE', repeatable: true, description: 'Set one key on top of all files' },
  '--output': { value: 'DIR', description: 'Where builds are put; default: build' },
  '--cache': { value: 'DIR', description: 'Where artifacts are kept; default: DOCK0_CACHE, else .cache' },
  '--force': { value: 'STEP', repeatable: true, description: 'Run this step, and what stands on it, again' },
  '--explain': { description: 'Say of every step why it ran or did not' },
  '--dry-run': { description: 'Say what would run' },
  '--verbose': { description: "Show the tools' own output and stack traces" },
  '--yes': { description: 'Do not ask before changing this machine' },
  '--package': {
    value: 'NAME',
    repeatable: true,
    description: 'Move only this package of the lock file, and what it needs',
  },
  '--kconfig': {
    value: 'FILE',
    description:
      'The .config to check, `running` for that of this machine; for menuconfig the fragment to save in (kernel.config)',
  },
  '--release': { value: 'ID', description: 'The release to take; default: the current one' },
  '--memory': { value: 'SIZE', description: 'Memory of the virtual machine, such as 2G' },
  '--ssh': {
    value: 'PORT',
    description: 'Forward this port of the build host to the virtual machine for SSH',
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
 * Reads the flags; tasks and gulp's own flags are passed over.
 *
 * @param argv the arguments behind the program: `process.argv.slice(2)`
 * @param folders what a gulpfile states for --output and --cache; the environment's DOCK0_CACHE wins over it
 * @throws Dock0Error an unknown flag, a value that is missing or makes no sense; all of them at once
 */
export function parseFlags(
  argv: readonly string[],
  env: NodeJS.ProcessEnv = process.env,
  folders: { output?: string | undefined; cache?: string | undefined } = {},
): Flags {
  const wrong: string[] = [];
  const values = collect(argv, wrong);
  const one = (name: FlagName): string | undefined => {
    const given = values.get(name) ?? [];
    if (given.length > 1) wrong.push(`${name}: expected once, found ${given.length} times`);
    return given[given.length - 1];
  };
  const many = (name: FlagName): string[] => values.get(name) ?? [];
  const memory = one('--memory');
  if (memory !== undefined && !/^[1-9]\d*[KMGT]$/.test(memory)) {
    wrong.push(`--memory: expected a size such as 512M or 2G, found ${JSON.stringify(memory)}`);
  }
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
    package: many('--package'),
    kconfig: one('--kconfig'),
    release: one('--release'),
    memory,
    ssh: port(one('--ssh'), wrong),
  };
  if (wrong.length > 0) throw new Dock0Error(wrong.join('\n'));
  return flags;
}

/** The values of each flag that is given; those of a switch are empty. */
function collect(argv: readonly string[], wrong: string[]): Map<FlagName, string[]> {
  const values = new Map<FlagName, string[]>();
  for (let at = 0; at < argv.length; at++) {
    const word = argv[at] as string;
    if (word === '--') break;
    if (!word.startsWith('-') || word === '-') continue;
    const [, name = word, inline] = /^(--[^=]+)=([\s\S]*)$/.exec(word) ?? [];
    if (!isOurs(name)) {
      if (GULP_VALUES.includes(name)) at += inline === undefined ? 1 : 0;
      else if (!isGulpSwitch(name)) wrong.push(`${name}: unknown flag${meant(didYouMean(name, allNames()))}`);
      continue;
    }
    const given = values.get(name) ?? [];
    values.set(name, given);
    const { value: wanted }: FlagDescription = flagDescriptions[name];
    if (wanted === undefined) {
      if (inline !== undefined) wrong.push(`${name}: takes no value, found ${JSON.stringify(inline)}`);
      continue;
    }
    const next = argv[at + 1];
    if (inline === undefined && next !== undefined && !next.startsWith('--')) at++;
    const value = inline ?? (next?.startsWith('--') ? undefined : next);
    if (value === undefined || value === '')
      wrong.push(`${name}: expected ${wanted} after it, found nothing`);
    else given.push(value);
  }
  return values;
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

/** Also a bundle of short ones (`-LLL`) and the negation that gulp-cli's parser knows (`--no-series`). */
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
