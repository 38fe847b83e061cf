import type { Hook } from '../../lib/boot/hooks';
import type { Config } from '../../lib/config/schema';
import type { FileInput, Json, PlanContext, RunContext, StepInputs } from '../../lib/engine/step';

/** What an initramfs may be made of. */
export type Parts = 'kernel' | 'pacstrap' | 'customize';

/** A way to make the initramfs: `initramfs.img` in the artifact, with {bytes} as its facts. */
export interface Builder<N extends Parts = Parts> {
  /** Raised whenever the builder makes something else of the same inputs. */
  version: number;
  inputs: (context: PlanContext) => Promise<StepInputs>;
  run: (context: RunContext<N>) => Promise<{ bytes: number }>;
}

/** The keys that every builder reads. */
export function settingsOf({ initramfs: settings, volumes }: Config): { [key: string]: Json | undefined } {
  const { compression, level, hooks, modules, timeout } = settings;
  return {
    compression,
    level,
    hooks,
    modules,
    timeout,
    volumes: JSON.parse(JSON.stringify(volumes)) as Json,
  };
}

/** A hook's files, under names that hold on every machine. */
export function hookFiles({ name, script, install }: Hook): FileInput[] {
  const files = [
    { name: `hooks/${name}`, path: script },
    { name: `hooks/${name}.install`, path: install },
  ];
  return files.filter((file): file is FileInput => file.path !== undefined);
}

/** The types of the file systems to mount before init; the kernel has to have them. */
export function fileSystems({ volumes }: Config): string[] {
  return Object.values(volumes).map(({ type }) => type);
}
