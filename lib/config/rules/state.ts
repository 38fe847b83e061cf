import { FILE_NAME } from '../limits';
import { nodeAt } from '../node';
import { meant } from '../problems';
import { hostKeyOf } from '../ssh-host-key';
import { keptPaths } from '../state';
import { didYouMean } from '../suggest';
import { isOfSystem, realPlace } from './places';
import { type Checked, isWithin, plainPath } from './rule';

/** Folders that are mounted at boot, over whatever is there. */
const MOUNTED = ['/run', '/dev', '/proc', '/sys', '/tmp'];

/** What is kept in a way of its own. */
const OURS = ['/etc/machine-id', '/etc/ssh'];

/** Checks where the state of the machine is kept, and what of the image it holds. */
export function checkState(checked: Checked): void {
  const { config, wrong } = checked;
  const { volume } = config.state;
  const names = Object.keys(config.volumes);
  const keys = ['state', 'volume'];
  if (volume !== 'auto' && volume !== 'none' && !names.includes(volume)) {
    const near = didYouMean(volume, names);
    const known = names.length === 0 ? ', and there is none' : ` (${names.join(', ')})`;
    wrong(
      keys,
      `expected auto, none or one of \`volumes\`${known}, found ${JSON.stringify(volume)}${meant(near)}`,
    );
  }
  // Docker's own is checked for Docker.
  if (volume !== 'auto' && config.volumes[volume]?.options.includes('ro'))
    wrong(keys, `expected a volume that can be written to, found ${volume}, which is mounted with ro`);
  checkPaths(checked);
}

/** Keys of a machine are secrets, and sshd has one file for each type of key. */
export function checkHostKeys({ config, root, wrong }: Checked): void {
  const seen = new Map<string, number>();
  for (const [at, text] of config.state.ssh_host_keys.entries()) {
    const keys = ['state', 'ssh_host_keys', String(at)];
    const node = nodeAt(root, keys);
    const key = hostKeyOf(text);
    if (typeof key === 'string') wrong(keys, key);
    else if (node?.kind === 'scalar' && node.secret !== true)
      wrong(keys, 'expected a secret ($'.concat('{secret:NAME}), found the key itself'));
    else if (seen.has(key.name))
      wrong(keys, `expected one key of each type, found a second ${key.name} beside ${seen.get(key.name)}`);
    else seen.set(key.name, at);
  }
}

function checkPaths({ config, wrong }: Checked): void {
  const volumes = Object.entries(config.volumes);
  const own = keptPaths({ ...config, state: { ...config.state, paths: [] } }).map(({ path }) => path);
  const before: string[] = [...own, ...OURS];
  for (const [at, item] of config.state.paths.entries()) {
    const stated = typeof item === 'string' ? item : item.path;
    const path = plainPath(stated);
    const keys = ['state', 'paths', String(at), ...(typeof item === 'string' ? [] : ['path'])];
    const shown = JSON.stringify(stated);
    const longest = Math.max(...path.split('/').map((name) => Buffer.byteLength(name)));
    const mounted = MOUNTED.find((folder) => isWithin(folder, realPlace(path)));
    const volume = volumes.find(
      ([, { path: on }]) => isWithin(plainPath(on), path) || isWithin(path, plainPath(on)),
    );
    const twin = before.find((other) => isWithin(other, path) || isWithin(path, other));
    if (path === '/' || ['/var', '/var/lib'].includes(path) || isOfSystem(path))
      wrong(keys, `expected a path for data, found ${shown}: the system of the release would be hidden`);
    else if (mounted !== undefined)
      wrong(keys, `expected a path that stays, found ${shown}: ${mounted} is made anew at each boot`);
    else if (volume !== undefined)
      wrong(
        keys,
        `expected a path that no volume holds, found ${shown}: volumes.${volume[0]} is mounted on ${volume[1].path}`,
      );
    else if (twin !== undefined)
      wrong(keys, `expected a path of its own, found ${shown}: ${twin} is kept already`);
    else if (/[\\]/.test(path)) wrong(keys, `expected a path without a backslash, found ${shown}`);
    else if (longest > FILE_NAME)
      wrong(keys, `expected names of at most ${FILE_NAME} bytes, found one of ${longest}`);
    before.push(path);
  }
}
