import { meant } from './problems';
import { didYouMean } from './suggest';

/** The modes of a volume, of each group at most one (docker-run(1), --volume). */
const GROUPS = [
  ['ro', 'rw'],
  ['z', 'Z'],
  ['consistent', 'cached', 'delegated'],
];

/** Modes of a folder of the machine, and of a volume of Docker. */
const OF_FOLDERS = ['shared', 'rshared', 'slave', 'rslave', 'private', 'rprivate'];
const OF_VOLUMES = ['nocopy'];

/** What is wrong with the modes behind the second colon of a container's volume. */
export function modeProblem(modes: string, isFolder: boolean): string | undefined {
  const groups = [...GROUPS, isFolder ? OF_FOLDERS : OF_VOLUMES];
  const known = groups.flat();
  const seen = new Map<readonly string[], string>();
  for (const mode of modes.split(',')) {
    const group = groups.find((each) => each.includes(mode));
    if (group === undefined)
      return `expected modes such as ro behind the second colon${meant(didYouMean(mode, known))}`;
    const other = seen.get(group);
    if (other === mode) return `expected ${mode} once`;
    if (other !== undefined) return `expected ${other} or ${mode}, not both`;
    seen.set(group, mode);
  }
  return undefined;
}
