import type { BuildContext, BuildRun } from '../build';
import type { Notes } from '../config/platform';
import type { Wrong } from '../config/problems';
import type { Config } from '../config/schema';
import type { Tool } from '../engine/step';
import type { Json } from '../json';
import type { Sandbox } from '../system/sandbox';
import type { ResolvedPackage } from './package';

/** What an image may need of its packages. */
export type Purpose =
  | 'init'
  | 'docker'
  | 'compose'
  | 'udev'
  | 'modules'
  | 'apparmor'
  | 'ssh'
  | 'time'
  | 'resolver'
  | 'firewall'
  | 'sudo'
  | 'zones'
  | 'locales'
  | 'keymaps'
  | 'xfs'
  | 'btrfs';

/** By purpose the packages of a distribution of which each one is enough; the first is the one to add. */
export type PackagesFor = { readonly [P in Purpose]?: readonly string[] };

/**
 * What the build knows of a distribution, all of it. Each distribution is a folder beside this file that implements
 * it, and a line in `index.ts`. What is optional is what some distributions do not have; whoever needs it says so.
 */
export interface Distribution {
  /** As in os-release(5), ID: `distribution` in the configuration. */
  name: string;
  /** Raised when the code makes another root of the same packages. */
  version: number;
  /**
   * The release that `release: auto` stands for, which is this host's; undefined when the host runs none of them.
   * Absent where the distribution has no releases.
   */
  release?: () => string | undefined;
  /** Builders of the initramfs that its packages include, besides `dock0`, which every image can use. */
  initramfsBuilders: readonly string[];
  /**
   * Reports what is wrong with `mirror` and with the keys that only this distribution reads. Runs whenever the
   * configuration is loaded, so it starts no program and asks no network.
   *
   * @param wrong reports a key with a message, which is shown with the line that states the key
   * @param notes reports what can be built, but is hardly what was meant
   */
  check: (config: Config, wrong: Wrong, notes: Notes) => void;

  /** Its packages by what an image needs them for; what it leaves out is not checked. */
  packagesFor: PackagesFor;

  /** What installs the root. */
  tools: readonly Tool[];
  /** What of the configuration changes the root besides the packages themselves; `needed` are those taken beside the named ones. */
  settings: (context: BuildContext, needed: readonly string[]) => { [key: string]: Json };
  /** Requested packages besides `packages`, by name: the user's own files. */
  wanted: (context: BuildContext) => string[];
  /** What else an image needs, by what it is to do; what the configuration names wins. Default: nothing. */
  roles?: (config: Config, kernel: KernelDemands) => Role[];
  /** Packages that come along with others although these do not depend on them, where the repositories have them. */
  companions?: Readonly<Record<string, readonly string[]>>;
  /**
   * Resolves the configuration to its exact packages, dependencies included, sorted by name. Answers from the
   * cache when neither the request nor the repositories' lists on disk changed: this runs on every build.
   *
   * @param roles what `roles` said: names, or alternatives
   * @param keep packages whose version is to stay, as far as the others allow it
   * @throws Dock0Error for a package no repository has (named, with a suggestion), or when lists are unavailable
   */
  resolve: (
    context: BuildContext,
    roles: readonly string[],
    keep?: readonly ResolvedPackage[],
  ) => Promise<ResolvedPackage[]>;
  /**
   * Brings package files into the download cache, each verified by its checksum; files that are there are not fetched
   * again.
   *
   * @returns the newest build date among them, in seconds since the epoch: the image's "now"
   */
  download: (packages: readonly ResolvedPackage[], context: PackageRun) => Promise<number>;
  /**
   * Installs the packages into `root`, an empty folder that `sandbox` has mounted, in one transaction. Nothing of
   * this machine stays in it, and nothing that differs from one build to the next.
   *
   * @param context with what `settings` said when the step was planned
   */
  install: (
    packages: readonly ResolvedPackage[],
    root: string,
    sandbox: Sandbox,
    context: PackageRun & { epoch: number; settings: { [key: string]: Json } },
  ) => Promise<void>;
  /** Names the lists that a configuration's packages come from: configurations with the same repositories share them. */
  lists: (context: BuildContext) => string;
  /** Fetches the repositories' lists anew (`gulp update`). */
  refresh: (context: BuildContext) => Promise<void>;

  /** The packages that hold the kernel. Absent where `kernel.provider: package` is impossible. */
  kernel?: KernelPackages;
  /** Removes packages from a root. Absent where `cleanup.packages` is impossible. */
  removal?: Removal;
  /** The files of each installed package, below the root, by the database in it. */
  ownership?: (root: string) => Iterable<readonly [name: string, paths: readonly string[]]>;
  /** Files that its package manager leaves in a root and that differ from one build to the next, below the root. */
  traces: readonly string[];
  /** Its files in the download cache. */
  downloads: Downloads;

  /** On a host that runs this distribution: the name of a tool -> the package that has it. */
  toolPackages: Readonly<Record<string, string>>;
  /** The commands that install packages on such a host, in order. */
  installCommands: (packages: readonly string[]) => string[][];
  /** What to do when they fail. */
  installHint?: string;
}

/** What an image needs for a purpose. */
export interface Role {
  /** The name of a package, or several with `|` between them: the first one that the repositories have is taken. */
  packages: string;
  /** The purpose, or the key that decides about it, as `--explain` says it. */
  use: string;
}

/** What a kernel needs of the packages. */
export interface KernelDemands {
  /** It loads modules. */
  modules: boolean;
  /** It has AppArmor switched on, whose profiles a program of the image loads. */
  apparmor: boolean;
}

/** Where packages come from. Which packages they are is settled by then, so none of it decides about a byte. */
export interface PackageSource {
  config: Pick<Config, 'name' | 'distribution' | 'release' | 'mirror' | 'backports' | 'lock' | 'pacman'>;
  base: Pick<Config, 'name'>;
}

/** What a step has at hand that fetches and unpacks packages. */
export type PackageRun = PackageSource &
  Pick<BuildRun, 'cache' | 'out' | 'tmp' | 'signal' | 'log' | 'line' | 'run' | 'progress'>;

/** The packages that hold the kernel and its modules. What they depend on is no part of it. */
export interface KernelPackages {
  /** The package that `kernel.package: auto` stands for: the smallest kernel for virtual machines and servers. */
  auto: () => string;
  /** Whether its kernels have AppArmor switched on. */
  apparmor: boolean;
  /** What unpacks it. */
  tools: readonly Tool[];
  /** What of the configuration changes the kernel besides the packages. */
  settings: (context: BuildContext) => { [key: string]: Json };
  /** @throws Dock0Error when no repository has the package, or when it holds no kernel */
  resolve: (
    name: string,
    context: BuildContext,
    keep?: readonly ResolvedPackage[],
  ) => Promise<ResolvedPackage[]>;
  /**
   * Unpacks downloaded packages into the artifact: `vmlinuz`, `config` where there is one, and
   * `modules/usr/lib/modules/<version>/`. Runs nothing of theirs and installs nothing on this host.
   */
  unpack: (packages: readonly ResolvedPackage[], context: PackageRun) => Promise<void>;
}

/** How packages are removed from a root. */
export interface Removal {
  /** The command that removes packages and their configuration; their names follow. */
  command: readonly string[];
  /** The names of the packages that the root's own database has, sorted. */
  installed: (root: string) => string[];
  /** What the command's output says when it refuses. */
  refusal: (output: string) => Refusal;
}

/** Why packages cannot be removed. */
export interface Refusal {
  /** Package -> the packages that need it. */
  needed: ReadonlyMap<string, readonly string[]>;
  /** Packages that are not installed. */
  absent: readonly string[];
  /** Packages that no system can be without. */
  essential: readonly string[];
}

/** Package files in the download cache. */
export interface Downloads {
  /** The folders with package files, absolute. @param downloads the cache's folder of downloads */
  folders: (downloads: string) => string[];
  /** What a file's name says of the package; undefined for a file that is no package. */
  packageOf: (file: string) => { name: string; version: string } | undefined;
}
