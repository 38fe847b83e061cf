import { existsSync } from 'node:fs';
import { basename } from 'node:path';
import type { BuildContext } from '../build';
import { diskVolumes } from '../config/disk-volumes';
import { machineProgram } from '../config/paths';
import type { Config } from '../config/schema';
import type { Artifact, FileInput, Tool } from '../engine/step';
import { cmdlineOf } from '../release/cmdline';
import { currentRelease, releaseFolder } from '../release/folder';
import { checkRelease } from '../release/record';
import { LAYOUTS } from './layouts';
import { LOADERS } from './loaders';
import { TARGETS } from './targets';
import { PROGRAM } from './targets/target';

/** What the target calls. */
export function installTools({ config }: Pick<BuildContext, 'config'>): readonly Tool[] {
  return TARGETS[config.install.target].tools(config.install);
}

/** What writes the menu of the boot loader, here and on the machine; and what is read of the build host besides. */
function imageFiles(install: Config['install']): FileInput[] {
  const { target, layout, loader, secure_boot: secureBoot } = install;
  if (target !== 'image') return [];
  const input = (name: string, role: string): FileInput => ({ role, name, path: machineProgram(name) });
  return [
    input('releases', PROGRAM),
    input(`loaders/${loader}`, 'part of the program'),
    // One that is missing is reported as a tool.
    ...(LAYOUTS[layout].boots ? LOADERS[loader].sources(install) : [])
      .filter((path) => existsSync(path))
      .map((path) => ({ role: 'code of the boot loader', name: basename(path), path })),
    ...(secureBoot === undefined
      ? []
      : [{ role: 'certificate', name: 'certificate', path: secureBoot.certificate }]),
  ];
}

/** What a release depends on besides its parts. */
export function installInputs({ config, shown, output }: BuildContext) {
  const { secure_boot: keys, ...install } = config.install;
  return {
    values: {
      name: config.name,
      cmdline: cmdlineOf(config),
      install,
      volumes: diskVolumes(config),
      loads: config.modules.load,
      config: shown,
      output,
    },
    files: imageFiles(config.install),
    // The certificate, which is among the files, says which key it is.
    means: { keys },
  };
}

/** Whether the release of an artifact is still the current one, with its files unchanged. */
export async function isCurrent({ meta }: Artifact, { cache, output, log }: BuildContext): Promise<boolean> {
  const id = String(meta.release);
  const damages = (await checkRelease(cache, releaseFolder(output, id), String(meta.sums))) ?? [
    { path: '.', problem: 'is unknown' },
  ];
  for (const { path, problem } of damages) log(`release ${id}: ${path} ${problem}`);
  return damages.length === 0 && currentRelease(output) === id;
}
