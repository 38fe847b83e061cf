import type { Repository } from './repositories';

/** A pacman of the build's own: databases, keyring and package files in the cache, the host's are not touched. */
export interface PacmanState {
  repositories: readonly Repository[];
  /** Folder with what is derived from these repositories; `database/` in it is pacman's DBPath. */
  folder: string;
  /** Where downloaded packages lie: a folder for each repository. */
  downloads: string;
  /** Changes whenever the repositories' databases are fetched; undefined before the first time. */
  fetched: () => string | undefined;
  /** The day that the databases show the repositories as of. */
  snapshot: () => string;
  /** The folder of the cache's locks. */
  locks: string;
  /** Fetches the databases when there are none. */
  ensure: (context: StateContext) => Promise<void>;
  /** Fetches the databases; those that another build fetches meanwhile are as new. */
  refresh: (context: StateContext) => Promise<void>;
  /** Keeps the databases from being replaced for the time `use` takes. */
  reading: <T>(context: StateContext, use: () => Promise<T>) => Promise<T>;
  /** The keyring that packages are checked with. */
  keyring: (context: StateContext) => Promise<string>;
  /** What decides whose packages are taken: each repository's SigLevel, and the keys. */
  trust: () => { [what: string]: string };
  /**
   * Runs pacman, in a sandbox, with the databases below `database` (a DBPath) and gives what it printed.
   *
   * @param repositories the repositories there; default: the configured ones
   */
  pacmanAt: (
    database: string,
    args: readonly string[],
    context: StateContext,
    repositories?: readonly Repository[],
  ) => Promise<string>;
}

export interface StateContext {
  signal: AbortSignal;
  log: (line: string) => void;
}
