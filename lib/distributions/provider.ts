import type { BuildContext, BuildRun } from '../build';
import type { Json } from '../json';
import type { Sandbox } from '../system/sandbox';
import type { ResolvedPackage } from './package';

/** How a distribution's packages get into a root. One file beside this one for each distribution. */
export interface PackageProvider {
  distribution: 'debian' | 'arch';
  /** Raised when the provider's code makes another root of the same packages. */
  version: number;
  /** What of the configuration changes the root besides the packages themselves. */
  settings: (context: BuildContext) => { [key: string]: Json };
  /** Commands the provider calls, whose version is part of the fingerprint. */
  tools: string[];
  /**
   * Says which packages, exactly, the configuration comes to, dependencies included, sorted by name. Answers from the
   * cache when neither the request nor the repositories' lists on disk changed: this runs on every build.
   *
   * @param keep packages whose version is to stay, as far as the others allow it
   * @throws Dock0Error for a package no repository has (named, with a suggestion), or when lists can't be had
   */
  resolve: (context: BuildContext, keep?: readonly ResolvedPackage[]) => Promise<ResolvedPackage[]>;
  /** What is asked for besides `packages`, by name: files of the user's own. */
  wanted: (context: BuildContext) => string[];
  /**
   * Brings the package files into the download cache, each verified by its checksum; what is there is not fetched
   * again. Returns the newest build date among them, in seconds since the epoch: the image's "now".
   */
  download: (packages: ResolvedPackage[], context: BuildRun<string>) => Promise<number>;
  /**
   * Installs the packages into `root`, an empty folder that `sandbox` has mounted, in one transaction. Leaves nothing
   * of this machine in it and nothing that differs from one build to the next.
   */
  install: (
    packages: ResolvedPackage[],
    root: string,
    sandbox: Sandbox,
    context: BuildRun<string> & { epoch: number },
  ) => Promise<void>;
  /** Names the lists that a configuration's packages come from: configurations with the same repositories share them. */
  lists: (context: BuildContext) => string;
  /** Fetches the repositories' lists anew (`gulp update`). */
  refresh: (context: BuildContext) => Promise<void>;
}
