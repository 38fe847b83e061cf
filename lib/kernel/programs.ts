import { Dock0Error } from '../error';
import { findTool } from '../system/find-tool';
import type { Base } from './base';
import { type Kconfig, parseKconfig } from './kconfig';
import type { Requests } from './requests';

/** The forms of the kernel's image, of which a kernel has one, and the programs that make them. */
const IMAGES: Record<string, string> = {
  KERNEL_GZIP: 'gzip',
  KERNEL_BZIP2: 'bzip2',
  KERNEL_LZMA: 'lzma',
  KERNEL_XZ: 'xz',
  KERNEL_LZO: 'lzop',
  KERNEL_LZ4: 'lz4',
  KERNEL_ZSTD: 'zstd',
};

/** Options that need another program, whose output is in what is built. */
const OTHERS: Record<string, string> = {
  MODULES: 'depmod',
  MODULE_COMPRESS_GZIP: 'gzip',
  MODULE_COMPRESS_XZ: 'xz',
  MODULE_COMPRESS_ZSTD: 'zstd',
  IKCONFIG: 'gzip',
  IKHEADERS: 'xz',
};

/** Programs that change the configuration by being installed, by the variable of make that names them. */
const SEEN_BY_KCONFIG: Record<string, { tool: string; option: string }> = {
  PAHOLE: { tool: 'pahole', option: 'DEBUG_INFO_BTF' },
  RUSTC: { tool: 'rustc', option: 'RUST' },
  BINDGEN: { tool: 'bindgen', option: 'RUST' },
};

/**
 * The programs besides the compiler that may make a part of the kernel, if this machine has them; also those of
 * options that are not requested but may be on in the base.
 */
export function programsOf(base: Base, requests: Requests): string[] {
  return programs(base, requests, true).filter((tool) => findTool(tool) !== undefined);
}

/** The programs besides the compiler that the kernel needs by what is stated, before its source is there. */
export function statedPrograms(base: Base, requests: Requests): string[] {
  return programs(base, requests, false);
}

/** @param unsaid whether to count what may be on although neither the requests nor the base's file state it */
function programs(base: Base, requests: Requests, unsaid: boolean): string[] {
  const stated = 'text' in base ? parseKconfig(base.text) : undefined;
  const mayBeOn = (symbol: string): boolean => {
    const request = requests.get(symbol);
    if (request !== undefined) return isOn(request.value);
    return stated === undefined ? unsaid && !isBare(base) : isOn(stated.get(symbol));
  };
  const images = Object.keys(IMAGES);
  const image =
    images.find((symbol) => isOn(requests.get(symbol)?.value)) ??
    images.find((symbol) => isOn(stated?.get(symbol)));
  const tools = [
    ...(image === undefined ? (unsaid ? Object.values(IMAGES) : []) : [IMAGES[image] as string]),
    ...Object.entries(OTHERS).flatMap(([symbol, tool]) => (mayBeOn(symbol) ? [tool] : [])),
    ...allowedPrograms(requests),
  ];
  return [...new Set(tools)].sort();
}

/** A base in which only what is requested is on. */
function isBare(base: Base): boolean {
  return 'target' in base && base.target === 'allnoconfig';
}

/** The programs that the kernel's configuration may see on this machine: those of requested options. */
export function allowedPrograms(requests: Requests): string[] {
  return Object.values(SEEN_BY_KCONFIG)
    .filter(({ option }) => isOn(requests.get(option)?.value))
    .map(({ tool }) => tool);
}

/**
 * Variables that hide from make the programs that change the configuration by being installed, except those allowed.
 * Otherwise two machines would embed different configurations (IKCONFIG) in the same kernel.
 */
export function hiddenPrograms(allowed: readonly string[]): string[] {
  return Object.entries(SEEN_BY_KCONFIG)
    .filter(([, { tool }]) => !allowed.includes(tool))
    .map(([variable, { tool }]) => `${variable}=no-${tool}`);
}

/**
 * Refuses a configuration that needs a program this machine does not have; make would only find out at its end.
 *
 * @throws Dock0Error that names it
 */
export function requirePrograms(config: Kconfig): void {
  const hidden = Object.values(SEEN_BY_KCONFIG).map(({ option, tool }) => [option, tool] as const);
  for (const [symbol, tool] of [...Object.entries(IMAGES), ...Object.entries(OTHERS), ...hidden]) {
    if (!isOn(config.get(symbol)) || findTool(tool) !== undefined) continue;
    throw new Dock0Error(`CONFIG_${symbol}=${config.get(symbol)}: ${tool} is not installed`, {
      hint: 'Install the package that has it; `gulp setup` knows what most kernels need.',
    });
  }
}

function isOn(value: string | undefined): boolean {
  return value === 'y' || value === 'm';
}
