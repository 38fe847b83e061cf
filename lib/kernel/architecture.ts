import { Dock0Error } from '../error';

/** What differs between the machines a kernel can be built on and for. */
export interface Architecture {
  /** The folder below arch/ of the source. */
  folder: string;
  /** make's target, and the file it makes. */
  target: string;
  image: string;
}

const ARCHITECTURES: Record<string, Architecture> = {
  x64: { folder: 'x86', target: 'bzImage', image: 'arch/x86/boot/bzImage' },
  arm64: { folder: 'arm64', target: 'Image', image: 'arch/arm64/boot/Image' },
};

/**
 * The architecture of this machine.
 *
 * @throws Dock0Error on any other than x86-64 and arm64
 */
export function architecture(): Architecture {
  const found = ARCHITECTURES[process.arch];
  if (found !== undefined) return found;
  throw new Dock0Error(`kernels can be built on x86-64 and arm64 only; this machine is ${process.arch}`, {
    hint: 'Use kernel.provider: package or file.',
  });
}
