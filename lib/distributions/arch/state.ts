import type { Repository } from './repositories';

/** The build's own pacman: databases, keyring and package files in the cache; the host's stay untouched. */
export interface PacmanState {
  repositories: readonly Repository[];
  /** Folder of what is derived from these repositories; `database/` in it is pacman's DBPath. */
  folder: string;
  /** The downloaded packages: a folder for each repository. */
  downloads: string;
  /** Changes whenever the repositories' databases are fetched; undefined before the first time. */
  fetched: () => string | undefined;
  /** The day of the databases, `2026-01-31`. */
  snapshot: () => string;
  /** The folder of the cache's locks. */
  locks: string;
  /** Fetches the databases when there are none. */
  ensure: (context: StateContext) => Promise<void>;
  /** Fetches the databases, unless another build does so meanwhile. */
  refresh: (context: StateContext) => Promise<void>;
  /** Keeps the databases from being replaced while `use` runs. */
  reading: <T>(context: StateContext, use: () => Promise<T>) => Promise<T>;
  /** The keyring that packages are checked with. */
  keyring: (context: StateContext) => Promise<string>;
  /** What decides which packages are trusted: each repository's SigLevel, and the keys. */
  trust: () => { [what: string]: string };
  /**
   * Runs pacman, in a sandbox, with the databases below `database` (a DBPath), and returns its output.
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
