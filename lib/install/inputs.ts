import type { BuildContext } from '../build';
import { diskVolumes } from '../config/disk-volumes';
import { machineProgram } from '../config/paths';
import type { Artifact, FileInput, Tool } from '../engine/step';
import { cmdlineOf } from '../release/cmdline';
import { currentRelease, releaseFolder } from '../release/folder';
import { checkRelease } from '../release/record';
import { TARGETS } from './targets';

/** What the target calls. */
export function installTools({ config }: Pick<BuildContext, 'config'>): readonly Tool[] {
  return TARGETS[config.install.target].tools(config.install);
}

/** What writes the menu of the boot loader, here and on the machine. */
const RELEASES_PROGRAM: FileInput = {
  role: 'program',
  name: 'releases',
  path: machineProgram('releases'),
};

/** What a release depends on besides its parts. */
export function installInputs({ config, shown, output }: BuildContext) {
  return {
    values: {
      name: config.name,
      cmdline: cmdlineOf(config),
      install: config.install,
      volumes: diskVolumes(config),
      config: shown,
      output,
    },
    files: config.install.target === 'image' ? [RELEASES_PROGRAM] : [],
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
