import type { InferOutput } from 'valibot';
import { kernel, pacman } from './keys/kernel';
import { fields } from './keys/kinds';
import { general, release } from './keys/release';
import { system } from './keys/system';

/**
 * The whole configuration: the one source of validation, types, defaults and the reference. The keys are grouped
 * in `keys/` by who reads them; the order here is the reference's.
 */
export const schema = fields({
  ...general,
  ...system,
  kernel,
  pacman,
  ...release,
});

/**
 * A loaded configuration: merged, interpolated and validated, every default filled in, paths absolute, lists
 * that the files may state as one value always lists. `distribution` and `release` are names, never `auto`; a
 * distribution without releases has no `release`.
 */
export type Config = Omit<InferOutput<typeof schema>, 'include' | 'hostname' | 'release'> & {
  hostname: string;
  release: string | undefined;
};
