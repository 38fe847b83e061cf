import { type Compression, compressionLevel } from '../../streams/compress';

/** What our mkinitcpio.conf(5) says. */
export interface MkinitcpioSettings {
  hooks: readonly string[];
  /** Modules that are loaded before the hooks run; the kernel must have them as modules. */
  modules: readonly string[];
  /** Programs of the root, with their libraries. */
  programs: readonly string[];
  /** Files of the root that keep their path. */
  files: readonly string[];
  compression: Compression;
  level: number | undefined;
  /** False for a kernel with everything built in. */
  modular: boolean;
}

/** The text of a mkinitcpio.conf. */
export function mkinitcpioConf(settings: MkinitcpioSettings): string {
  const { compression, level } = settings;
  const lines: [string, readonly string[]][] = [
    ['MODULES', settings.modules],
    ['BINARIES', settings.programs],
    ['FILES', settings.files],
    ['HOOKS', settings.hooks],
    ['COMPRESSION_OPTIONS', optionsOf(compression, level)],
  ];
  const program = compression === 'none' ? 'cat' : compression;
  // Without modules mkinitcpio does not know the kernel's version and assumes one older than zstd support (Linux 5.9);
  // it leaves a program alone whose name it does not know.
  const path = settings.modular || compression === 'none' ? program : `/usr/bin/${program}`;
  return [
    ...lines.map(([name, words]) => `${name}=(${words.map(quoted).join(' ')})\n`),
    `COMPRESSION=${quoted(path)}\n`,
  ].join('');
}

/** One thread, no name and no time in the header: the same input gives the same bytes. */
function optionsOf(compression: Compression, level: number | undefined): string[] {
  if (compression === 'none') return [];
  return [
    compression === 'zstd' ? '--single-thread' : '--no-name',
    `-${compressionLevel(compression, level)}`,
  ];
}

function quoted(word: string): string {
  return `'${word.replaceAll("'", "'\\''")}'`;
}
