import { chroot } from '../../system/chroot';
import type { OpenLayer } from '../../system/layer';
import { CommandError } from '../../system/process';
import type { BuilderRun } from '../builder';

/** A folder of the throw-away root for what mkinitcpio reads and writes. */
const WORK = '/dock0-initramfs';

/** Paths in the throw-away root. */
export const PLACES = {
  conf: `${WORK}/mkinitcpio.conf`,
  build: `${WORK}/build`,
  /** Where build hooks run: a copy of the folders with the user's hooks. */
  hooks: `${WORK}/hooks`,
  image: `${WORK}/initramfs.img`,
};

// A constant script: with another umask the image would differ.
const START = 'umask 022 && cd "$0" && exec "$@"';

/**
 * Runs the root's mkinitcpio in a chroot, with the configuration at `PLACES.conf`; it writes `PLACES.image`.
 *
 * @param kernelVersion the kernel's release; undefined for a kernel without modules
 * @param epoch seconds; no time in the image is later
 * @throws CommandError with mkinitcpio's own error messages
 */
export async function runMkinitcpio(
  { sandbox, root }: Pick<OpenLayer, 'sandbox' | 'root'>,
  kernelVersion: string | undefined,
  epoch: number,
  { values: { hooks }, log, progress }: Pick<BuilderRun, 'values' | 'log' | 'progress'>,
): Promise<void> {
  const errors = new Set<string>();
  const warnings = new Set<string>();
  let ran = 0;
  const onLine = (line: string): void => {
    const { hook, warning, error } = saidBy(line);
    if (hook !== undefined) progress(ran++, hooks.length, hook);
    if (warning !== undefined) warnings.add(warning);
    if (error !== undefined) errors.add(error);
  };
  const { conf, build, image } = PLACES;
  const args = [
    '--config',
    conf,
    '--kernel',
    kernelVersion ?? 'none',
    '--builddir',
    build,
    '--generate',
    image,
  ];
  const env = { SOURCE_DATE_EPOCH: String(epoch) };
  try {
    await chroot(sandbox, root, ['sh', '-c', START, PLACES.hooks, 'mkinitcpio', ...args], { env, onLine });
  } catch (error) {
    if (!(error instanceof CommandError) || errors.size === 0) throw error;
    const what = [...errors].join('; ');
    throw new CommandError(error.command, error.code, error.output, `mkinitcpio: ${what}`);
  }
  for (const warning of warnings) log(`mkinitcpio: ${warning}`);
}

/** What a line of mkinitcpio's output says about its progress or a problem; the text alone. */
export function saidBy(line: string): { hook?: string; warning?: string; error?: string } {
  const [, kind, text] = /^==> (WARNING|ERROR): (.*)$/.exec(line.trim()) ?? [];
  if (text !== undefined) return kind === 'ERROR' ? { error: text } : { warning: text };
  const hook = /Running build hook: \[(?:.*\/)?([^\]/]+)\]/.exec(line)?.[1];
  return hook === undefined ? {} : { hook };
}
