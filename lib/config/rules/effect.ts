import { whyNoPartition } from '../disk-volumes';
import { type MapNode, nodeAt, placeOf } from '../node';
import type { Wrong } from '../problems';
import type { Config } from '../schema';
import { stateVolume } from '../state';
import type { World } from '../stated-path';
import { type Checked, isStated } from './rule';

/**
 * Says that a key has no effect because of another one, unless the other one is stated further up in the stack: what a
 * lower file sets for its own case is of no use then, and nobody's mistake.
 */
export type NoEffect = (keys: readonly string[], because: readonly string[], why: string) => void;

/** @param order the position of each source in the stack, by name */
export function noEffectBy(
  { root }: Pick<Checked, 'root'>,
  order: ReadonlyMap<string, number>,
  warn: Wrong,
): NoEffect {
  const rank = (keys: readonly string[]): number => order.get(placeOf(root, keys).source.name) ?? order.size;
  return (keys, because, why) => {
    if (!isStated({ root }, keys)) return;
    if (isStated({ root }, because) && rank(keys) < rank(because)) return;
    warn(keys, `has no effect: ${why}`);
  };
}

const OF_SOURCE = ['source', 'base', 'fragments', 'options', 'patches', 'revision', 'make'];
const OF_FILE = ['file', 'modules', 'config_file'];

/** Keys that nothing reads in this configuration. */
export function checkEffect(config: Config, noEffect: NoEffect): void {
  const { kernel, fs, install, docker, commands, scripts } = config;
  const provider = ['kernel', 'provider'];
  const only = (keys: readonly string[], wanted: string): void => {
    if (kernel.provider === wanted) return;
    for (const key of keys)
      noEffect(['kernel', key], provider, `kernel.provider is ${kernel.provider}, not ${wanted}`);
  };
  only(OF_SOURCE, 'source');
  only(OF_FILE, 'file');
  only(['package'], 'package');
  const words = new Set(kernel.cmdline.map((word) => word.split('=')[0]));
  for (const [word, keys] of [
    ['console', ['consoles']],
    ['panic', ['system', 'panic']],
  ] as const)
    if (words.has(word)) noEffect(keys, ['kernel', 'cmdline'], `kernel.cmdline has ${word}=`);
  if (kernel.provider === 'source' && kernel.source.version === undefined)
    for (const key of ['mirror', 'releases'])
      noEffect(['kernel', 'source', key], ['kernel', 'source', 'version'], 'kernel.source has no version');
  if (fs.backend === 'overlay')
    for (const key of ['size', 'type'])
      noEffect(['fs', key], ['fs', 'backend'], 'fs.backend is overlay, which uses folders');
  if (install.layout !== 'gpt' && install.target !== 'netboot')
    for (const keys of [['install', 'loader'], ['install', 'tries'], ['health']])
      noEffect(
        keys,
        ['install', 'layout'],
        'install.layout is filesystem, from which the machine does not choose',
      );
  for (const name of Object.keys(install.volumes)) {
    const found = whyNoPartition(config, name);
    if (found !== undefined) noEffect(['install', 'volumes', name], found.because, found.why);
  }
  if (install.target !== 'image')
    for (const key of ['size', 'layout', 'formats', 'loader', 'uki', 'secure_boot'])
      noEffect(
        ['install', key],
        ['install', 'target'],
        `install.target is ${install.target}, which has no disk image`,
      );
  if (install.target === 'netboot')
    for (const keys of [['install', 'loader'], ['install', 'tries'], ['health']])
      noEffect(keys, ['install', 'target'], 'install.target is netboot: the server chooses the release');
  else
    noEffect(['install', 'url'], ['install', 'target'], `install.target is ${install.target}, not netboot`);
  if (!docker.enabled)
    for (const keys of [
      ['docker', 'engine'],
      ['docker', 'storage'],
      ['docker', 'daemon'],
      ['logs', 'containers'],
      ['prune'],
      ['time', 'wait'],
      ['images'],
    ])
      noEffect(keys, ['docker', 'enabled'], 'docker.enabled is false');
  const driver = docker.daemon['log-driver'];
  if (driver !== undefined)
    noEffect(
      ['logs', 'containers'],
      ['docker', 'daemon', 'log-driver'],
      `docker.daemon.log-driver is ${driver}`,
    );
  if (stateVolume(config) === undefined)
    for (const keys of [
      ['state', 'paths'],
      ['logs', 'persistent'],
    ])
      noEffect(keys, ['state', 'volume'], 'no volume keeps the state of the machine');
  if (commands.network && commands.chroot.length + commands.host.length + scripts.length === 0)
    noEffect(['commands', 'network'], ['commands', 'chroot'], 'there are no commands and no scripts');
}

/** Secrets that nothing refers to. */
export function checkSecrets(root: MapNode, { outside, problems }: World): void {
  const stated = nodeAt(root, ['secrets']);
  for (const name of stated?.kind === 'map' ? stated.entries.keys() : []) {
    if (Object.hasOwn(outside, `secret:${name}`)) continue;
    problems.warn(
      placeOf(root, ['secrets', name]),
      ['secrets', name],
      `has no effect: nothing refers to $\{secret:${name}}`,
    );
  }
}
