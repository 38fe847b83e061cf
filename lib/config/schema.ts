import type { InferOutput } from 'valibot';
import { containers } from './keys/containers';
import { docker } from './keys/docker';
import { kernel, pacman } from './keys/kernel';
import { fields } from './keys/kinds';
import { logs } from './keys/logs';
import { machine } from './keys/machine';
import { network } from './keys/network';
import { general, release } from './keys/release';
import { state } from './keys/state';
import { system } from './keys/system';
import { time } from './keys/time';

/**
 * All keys of the configuration: the single source of validation, types, defaults and the reference, which has them in
 * this order.
 */
export const schema = fields({
  ...general,
  ...system,
  ...network,
  ...docker,
  ...containers,
  ...state,
  ...logs,
  ...time,
  ...machine,
  kernel,
  pacman,
  ...release,
});

/**
 * A loaded configuration: merged, references replaced, validated, with all defaults, absolute paths, and lists where
 * the files may have a single value.
 * `distribution` and `release` are names, never `auto`; a distribution without releases has no `release`.
 */
export type Config = Omit<InferOutput<typeof schema>, 'include' | 'hostname' | 'release'> & {
  hostname: string;
  release: string | undefined;
};
