import type { BuildRun } from '../../build';
import type { Tool } from '../../engine/step';

/** A format of disk images besides the raw one. */
export interface Format {
  tools: readonly Tool[];
  /** Writes the raw image once more. The same image gives the same bytes. */
  write: (image: Conversion, run: BuildRun['run']) => Promise<void>;
}

export interface Conversion {
  /** The raw image. */
  from: string;
  to: string;
  /** Makes what has to be unique: the same for the same content. */
  id: string;
  /** Seconds since the epoch, of the release. */
  epoch: number;
}
