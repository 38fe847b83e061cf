import type { Config } from '../../config/schema';
import type { Builder, Part } from '../builder';

interface Entry {
  /** What the builder makes the initramfs of. */
  needs: readonly Part[];
  load: () => Promise<Builder>;
}

/** The builders by the name that `initramfs.builder` has for them; only the one in use is loaded. */
export const BUILDERS: Record<Config['initramfs']['builder'], Entry> = {
  dock0: { needs: ['kernel'], load: async () => (await import('./dock0')).dock0 },
  mkinitcpio: {
    needs: ['kernel', 'pacstrap', 'customize'],
    load: async () => (await import('./mkinitcpio')).mkinitcpio,
  },
};
