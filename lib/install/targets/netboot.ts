import type { Target } from './target';

/**
 * A folder for an http server: kernel, layers, an initramfs that knows the digests of the layers, and what iPXE does with
 * them. Files that the release has are hard links.
 */
export const netboot: Target = {
  tools: () => [],
  write: async (...all) => (await import('./write-netboot')).writeNetboot(...all),
};
