import type { Config } from '../config/schema';
import type { Kconfig } from './kconfig';

/** One thing the image needs of its kernel. */
export interface Need {
  /** Heading of the table. */
  group: string;
  /** Any one of these symbols, without `CONFIG_`, is enough. */
  symbols: readonly string[];
  necessary: boolean;
  /** It works before modules can be loaded, so it has to be built in. */
  builtIn: boolean;
  /** What for. */
  use: string;
  /** For a symbol whose value decides: why it is wrong, if it is. It does not have to be set then. */
  fault?: (config: Kconfig) => string | undefined;
  /** The words of the release's command line that `fault` looks at. */
  words?: readonly string[];
}

/** What of a configuration decides what its kernel has to have. */
export type Image = Pick<
  Config,
  'squash' | 'initramfs' | 'install' | 'volumes' | 'docker' | 'packages' | 'swap'
> & {
  kernel: Pick<Config['kernel'], 'cmdline'>;
};
