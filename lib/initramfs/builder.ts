import type { BuildContext, BuildRun } from '../build';
import { bootVolumes, partitionTable } from '../config/disk-volumes';
import type { Config } from '../config/schema';
import type { Facts, FileInput, StepInputs, Tool, Values } from '../engine/step';
import type { Asked } from './asked';
import { AUTO_CARDS, AUTO_MODULES } from './drivers';
import { DOCK0_HOOKS, type Hook, NETBOOT_HOOK } from './hooks';
import type { Installed } from './install-script';
import { type ModuleTree, moduleName, modulesNamed } from './modules';
import { stateTable } from './tables';
import { volumePrograms } from './volumes';

/** A step that an initramfs may be made of. */
export type Part = 'kernel' | 'pacstrap' | 'customize';

/** A way to make the initramfs: writes `initramfs.img` to the artifact, with {bytes} as its facts. */
export interface Builder<N extends Part = Part> {
  /** Raised whenever the builder makes something different of the same inputs. */
  version: number;
  /** What it calls. */
  tools?: (config: Config) => readonly Tool[];
  inputs: (context: BuildContext, facts: Facts<N>) => Promise<BuilderInputs>;
  run: (context: BuilderRun<N>) => Promise<{ bytes: number }>;
}

/** The keys that every builder reads. */
export type Settings = Pick<Config['initramfs'], 'compression' | 'level' | 'hooks' | 'modules' | 'timeout'> &
  Pick<Config, 'volumes'> & {
    /** Modules that the boot loader's counters are read with. */
    counting: string[];
    /** The table of the partitions that the machine makes; undefined where its disk has none. */
    partitions: string | undefined;
    /** The table of the state that the hook dock0-state reads. */
    state: string;
    /** Programs that check and make file systems. */
    programs: string[];
    /** Whether the root comes over the network. */
    network: boolean;
  };

/** Its settings, and its hooks: their names are among the values, their files among the files. */
export interface BuilderInputs extends StepInputs {
  values: Settings & Values;
  files: FileInput[];
  means: {
    hooks: Hook[];
    /** What install scripts were found to ask for as the inputs were read, by hook. */
    asked?: ReadonlyMap<string, Asked>;
  };
}

export type BuilderRun<N extends Part = Part> = BuildRun<N, BuilderInputs>;

export function settingsOf(config: Config): Settings {
  const { compression, level, hooks: stated, modules, timeout } = config.initramfs;
  const network = config.install.target === 'netboot';
  return {
    ...{ compression, level, modules, timeout, network },
    hooks: withParts(stated, network ? [...DOCK0_HOOKS, NETBOOT_HOOK] : DOCK0_HOOKS),
    volumes: bootVolumes(config),
    partitions: partitionTable(config),
    state: stateTable(config),
    counting: countingModules(config),
    programs: volumePrograms(config),
  };
}

/** systemd-boot says in a variable of UEFI which release it tries; the hook dock0-trial reads that. */
function countingModules({ install: { target, layout, loader } }: Config): string[] {
  return target === 'image' && layout === 'gpt' && loader === 'systemd-boot' ? ['efivarfs'] : [];
}

/** The hooks with those that belong to dock0's. */
function withParts(hooks: readonly string[], all: readonly string[]): string[] {
  const parts = all.filter((name) => !hooks.includes(name));
  return hooks.flatMap((name) => (name === 'dock0' ? [name, ...parts] : [name]));
}

/** A hook's files, under names that are the same on every machine. */
export function hookFiles({ name, script, install }: Hook): FileInput[] {
  const files = [
    { name: `hooks/${name}`, path: script },
    { name: `hooks/${name}.install`, path: install },
  ];
  return files.filter((file): file is FileInput => file.path !== undefined);
}

const AUTO = 'auto';

/** Names of modules by purpose. */
export interface WantedModules {
  /** Drivers that the disk with the root may need. */
  drivers: readonly string[];
  /** Drivers of the network card that the root may come over. */
  cards: readonly string[];
  /** Required, as a module or built in. */
  necessary: string[];
  optional: string[];
}

/** The modules that the configuration and the hooks ask for; the necessary ones include the volumes' file systems. */
export function wantedModules(
  settings: Pick<Settings, 'modules' | 'volumes' | 'network' | 'counting'>,
  installed: Installed[],
): WantedModules {
  const { modules: stated, volumes, network, counting } = settings;
  return {
    cards: network && picks(settings) ? AUTO_CARDS : [],
    drivers: [...new Set(listed(stated).flatMap((name) => (name === AUTO ? AUTO_MODULES : [name])))],
    necessary: [
      ...installed.flatMap(({ modules }) => modules),
      ...Object.values(volumes).map(({ type }) => type),
      ...counting,
    ],
    optional: installed.flatMap(({ optionalModules }) => optionalModules),
  };
}

/** Whether drivers are picked by what finding the root may need. */
export function picks({ modules }: Pick<Settings, 'modules'>): boolean {
  return listed(modules).includes(AUTO);
}

function listed(stated: Settings['modules']): readonly string[] {
  return typeof stated === 'string' ? [stated] : stated;
}

/** Logs which of the modules named by the configuration or a hook the kernel lacks. */
export function reportMissing(
  tree: ModuleTree,
  { necessary }: WantedModules,
  { values, log }: Pick<BuilderRun, 'values' | 'log'>,
): void {
  const named = [...necessary, ...listed(values.modules).filter((name) => name !== AUTO)];
  for (const name of new Set(named)) {
    if (modulesNamed(tree, name).length === 0 && !tree.builtin.has(moduleName(name)))
      log(`the kernel ${tree.version} lacks ${moduleName(name)}: neither a module nor built in`);
  }
}
