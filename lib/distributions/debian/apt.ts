import { createHash } from 'node:crypto';
import { mkdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { BuildContext } from '../../build';
import { Dock0Error } from '../../error';
import { writeAtomically } from '../../system/atomic-write';
import { guard } from '../../system/guard';
import { CommandError, type RunOptions, type RunResult, run } from '../../system/process';
import type { ResolvedPackage } from '../package';
import type { PackageSource } from '../provider';
import { FOLDER, fileNameOf } from './downloads';
import { hostRelease } from './release';
import { hostSources, lackOf, type MirrorSources, mirrorSources, partsOf } from './sources';

/** apt of the host's, with lists, status and downloads of its own: the host's package state is neither read nor changed. */
export interface Apt {
  /** The code name: `bookworm`. */
  codename: string;
  architecture: string;
  /** Where downloaded packages lie, shared by all builds of this cache. */
  archives: string;
  /** When the lists were fetched, in ms since the epoch; undefined before the first time. */
  fetched: () => number | undefined;
  /** Fetches the lists when there are none. */
  ensureLists: (context: AptContext) => Promise<void>;
  refresh: (context: AptContext) => Promise<void>;
  run: (
    tool: 'apt-get' | 'apt-cache' | '/usr/lib/apt/apt-helper',
    args: string[],
    options?: RunOptions,
  ) => Promise<RunResult>;
  /** Folder for what is derived from these lists. */
  folder: string;
  /** Runs `use` alone among all builds with this cache: apt's own locks fail instead of waiting. */
  alone: <T>(signal: AbortSignal, use: () => Promise<T>) => Promise<T>;
}

/** What apt needs of the step or task that calls it. */
export interface AptContext {
  signal: AbortSignal;
  log: (line: string) => void;
}

/** What of the configuration decides where packages come from. */
export interface AptSettings {
  /** The code name. */
  release: string;
  mirror: string | string[];
  backports: boolean;
}

const HOST_APT = '/etc/apt';
/** Of the host's apt configuration only how to reach servers; its hooks and clean-up rules are for the host. */
const KEPT_OPTIONS =
  /^Acquire::(http|https|ftp|Retries|ForceIPv4|ForceIPv6|Proxy|Check-Date|Check-Valid-Until|Max-ValidTime)\b/i;

/** Opens the private apt for a release and its mirrors. Runs nothing. */
export function openApt({ release: codename, mirror, backports }: AptSettings, cache: string): Apt {
  const architecture = ARCHITECTURES[process.arch] ?? process.arch;
  const texts: MirrorSources =
    mirror === 'auto'
      ? { ...hostSources(HOST_APT, codename, hostRelease(), backports), optional: [], lacks: [] }
      : mirrorSources([mirror].flat(), codename, backports);
  const key = createHash('sha256')
    .update(JSON.stringify([texts, architecture]))
    .digest('hex')
    .slice(0, 16);
  const folder = join(cache, 'apt', key);
  const stamp = join(folder, 'fetched');
  const archives = join(cache, 'downloads', FOLDER);
  const env = { APT_CONFIG: join(folder, 'apt.conf'), LC_ALL: 'C.UTF-8', DEBIAN_FRONTEND: 'noninteractive' };

  const fetched = (): number | undefined => statSync(stamp, { throwIfNoEntry: false })?.mtimeMs;
  const alone: Apt['alone'] = async (signal, use) => {
    const held = await guard(join(cache, 'locks', `apt-${key}.lock`), { signal });
    try {
      return await use();
    } finally {
      await held.release();
    }
  };
  const update = async (signal: AbortSignal, optional: readonly string[]): Promise<void> => {
    await writeConfiguration(folder, archives, architecture, {
      ...texts,
      list: [texts.list, ...optional.map((line) => `${line}\n`)].join(''),
    });
    await run('apt-get', ['update', '-o', 'APT::Update::Error-Mode=any'], { env, signal });
  };
  const fetch = async ({ signal, log }: AptContext): Promise<void> => {
    log(`fetching the package lists of ${codename}`);
    const { optional, lacks } = texts;
    try {
      await update(signal, optional).catch((error) => {
        const there = optional.filter((line) => !lacking(error, line));
        if (there.length === optional.length) throw error;
        const absent = optional.filter((line) => !there.includes(line)).map(partsOf);
        for (const { mirror, suite } of absent) log(lackOf(mirror, suite));
        return update(signal, there);
      });
    } catch (error) {
      if (!(error instanceof CommandError)) throw error;
      throw new Dock0Error(`the package lists of ${codename} cannot be fetched\n${problems(error.output)}`, {
        hint: 'Check the network connection, the apt sources (`mirror`) and the name of the release.',
        cause: error,
      });
    }
    for (const line of lacks) log(line);
    writeFileSync(stamp, '');
  };

  return {
    codename,
    architecture,
    archives,
    folder,
    fetched,
    alone,
    run: (tool, args, options = {}) =>
      run(tool, args, { network: true, ...options, env: { ...env, ...options.env } }),
    ensureLists: async (context) => {
      if (fetched() !== undefined) return;
      await alone(context.signal, async () => {
        if (fetched() === undefined) await fetch(context);
      });
    },
    refresh: (context) => alone(context.signal, () => fetch(context)),
  };
}

/** The private apt of a configuration. */
export function aptOf({ config, cache }: Pick<BuildContext, 'cache'> & Pick<PackageSource, 'config'>): Apt {
  // The loader resolved `auto`.
  const { release, mirror, backports } = config;
  return openApt({ release: release as string, mirror, backports }, cache);
}

/** Whether apt's complaint is that a server answers and has nothing of a source. */
function lacking(error: unknown, line: string): boolean {
  if (!(error instanceof CommandError)) return false;
  const { mirror, suite } = partsOf(line);
  // apt shows an address with a blank in place of %20.
  return [mirror, unquoted(mirror)].some((shown) =>
    error.output.includes(`'${shown.replace(/\/+$/, '')} ${suite} Release' does not have a Release file`),
  );
}

function unquoted(address: string): string {
  try {
    return decodeURIComponent(address);
  } catch {
    return address;
  }
}

/** Where a package's file is, or would be, in the downloads. */
export function archiveOf(
  { archives }: Pick<Apt, 'archives'>,
  each: Pick<ResolvedPackage, 'name' | 'version' | 'arch'>,
): string {
  return join(archives, fileNameOf(each));
}

/** One package as apt's solver chose it. */
export interface Chosen {
  name: string;
  version: string;
  arch: string;
}

/** apt takes itself for essential; an image has it when it is named or needed. */
const ESSENTIAL = '?and(?essential, ?not(?exact-name(apt)))';

/**
 * Lets apt's solver choose the packages of a root that has nothing yet: the essential ones (unless `essential` is
 * false) and `packages`, with their dependencies, without recommended ones.
 *
 * @param options more of apt-get's own
 * @throws Dock0Error for dependencies that cannot be met; its cause is the CommandError with what apt said
 */
export async function choose(
  apt: Apt,
  packages: readonly string[],
  essential: boolean,
  signal: AbortSignal,
  options: readonly string[] = [],
): Promise<Chosen[]> {
  const wanted = [...(essential ? [ESSENTIAL] : []), ...packages];
  const args = ['--simulate', '--yes', ...options, 'install', '--', ...wanted];
  try {
    const { stdout } = await apt.run('apt-get', args, { signal });
    return stdout
      .split('\n')
      .map((line) => /^Inst (\S+) \((\S+) (?:[^[]* )?\[(\S+?)\]\)/.exec(line))
      .filter((match) => match !== null)
      .map(([, name = '', version = '', arch = '']) => ({
        name: name.split(':')[0] as string,
        version,
        arch,
      }));
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    throw new Dock0Error(`the packages cannot be installed together\n${problems(error.output)}`, {
      cause: error,
    });
  }
}

/** The lines of apt's output that say what failed. */
export function problems(output: string): string {
  const said = output.split('\n').filter((line) => /^([EW]:|Err:| \S+ : )/.test(line.trimEnd()));
  return (said.length === 0 ? output.split('\n').slice(-5) : said.slice(0, 12))
    .map((line) => `    ${line}`)
    .join('\n');
}

const ARCHITECTURES: Record<string, string> = { x64: 'amd64', arm64: 'arm64', arm: 'armhf', ia32: 'i386' };

async function writeConfiguration(
  folder: string,
  archives: string,
  architecture: string,
  texts: { list: string; sources: string },
): Promise<void> {
  const inside = (name: string): string => join(folder, name);
  rmSync(inside('sources.d'), { recursive: true, force: true });
  for (const name of ['lists/partial', 'sources.d', 'conf.d', 'cache'])
    mkdirSync(inside(name), { recursive: true, mode: 0o700 });
  mkdirSync(join(archives, 'partial'), { recursive: true });
  // Addresses of servers and proxies may have passwords in them.
  const write = (name: string, text: string): void => writeAtomically(inside(name), text, 0o600);
  write('status', '');
  write('sources.d/host.list', texts.list);
  write('sources.d/host.sources', texts.sources);
  const { stdout } = await run('apt-config', ['dump']);
  const kept = stdout.split('\n').filter((line) => KEPT_OPTIONS.test(line));
  const options = {
    'Dir::State': folder,
    'Dir::State::lists': inside('lists/'),
    'Dir::State::status': inside('status'),
    'Dir::State::extended_states': inside('extended_states'),
    'Dir::Cache': inside('cache/'),
    'Dir::Cache::archives': `${archives}/`,
    'Dir::Etc::main': '/dev/null',
    'Dir::Etc::parts': inside('conf.d/'),
    'Dir::Etc::sourcelist': '/dev/null',
    'Dir::Etc::sourceparts': inside('sources.d/'),
    'Dir::Etc::preferences': '/dev/null',
    'Dir::Etc::preferencesparts': '/dev/null',
    'APT::Architecture': architecture,
    'APT::Install-Recommends': 'false',
    'APT::Install-Suggests': 'false',
    'APT::Sandbox::User': 'root',
    'Acquire::Languages': 'none',
    'Acquire::Retries': '3',
  };
  const stated = Object.entries(options).map(([name, value]) => `${name} "${value}";`);
  write('apt.conf', [...stated, `APT::Architectures { "${architecture}"; };`, ...kept, ''].join('\n'));
}
