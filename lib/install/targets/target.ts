import type { BuildRun } from '../../build';
import type { Config } from '../../config/schema';
import type { KnownFiles } from '../../engine/known-files';
import type { Tool } from '../../engine/step';
import type { Assembly } from '../../release/assemble';
import type { Keys } from '../signing';

/** The role of hooks/machine/releases among the files that a target takes. */
export const PROGRAM = 'program';

/** A kind of place that a release is installed to. */
export interface Target {
  /** What it calls. */
  tools: (install: Config['install']) => readonly Tool[];
  /**
   * Adds the target's own files to a release.
   *
   * @param folder the release's folder, with all its other files
   * @param known has all of those files
   * @returns the added files
   */
  write: (folder: string, release: Assembly, context: Installing, known: KnownFiles) => Promise<Added[]>;
}

/** A file that a target adds to a release. */
export interface Added {
  /** Relative to the release's folder. */
  path: string;
  /** Of a file that is known already. */
  sha256?: string;
}

/** What a target has at hand. */
export type Installing = Pick<BuildRun, 'tmp' | 'run' | 'log' | 'files'> & {
  values: {
    name: string;
    install: Omit<Config['install'], 'secure_boot'>;
    volumes: { name: string; size: string }[];
  };
  /** What signs programs for UEFI; undefined where nothing is signed. */
  means: { keys?: Keys | undefined };
};
