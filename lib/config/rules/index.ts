import type { Listener } from '../hiding-parts';
import { type MapNode, nodeAt, placeOf } from '../node';
import { meant, type Wrong } from '../problems';
import type { Config } from '../schema';
import { didYouMean } from '../suggest';
import { checkBoot } from './boot';
import { checkCompose, checkComposePorts } from './compose';
import { checkContainers, checkImages } from './containers';
import { checkDaemon } from './daemon';
import { checkDiskVolumes } from './disk-volumes';
import { checkDocker } from './docker';
import { checkEffect, type NoEffect } from './effect';
import { checkFirewall } from './firewall';
import { checkHomes } from './homes';
import { checkKernel } from './kernel';
import { checkLeftOut } from './left-out';
import { checkLosses } from './losses';
import { checkLogs, checkSwap, checkSysctl } from './machine';
import { checkNetboot } from './netboot';
import { checkNetwork } from './network';
import { checkExclude } from './patterns';
import { type Checked, REMOVE } from './rule';
import { checkHostKeys, checkState } from './state';
import {
  checkHostName,
  checkPaths,
  checkRoot,
  checkSizes,
  checkTimezone,
  checkUnits,
  checkUsers,
} from './system';
import { checkCow, checkVolumes } from './volumes';

/** The highest compression level of those that have fewer levels than the schema allows; 0: no levels at all. */
const LEVELS: Record<string, number> = { gzip: 9, lzo: 9, xz: 0, none: 0 };

/**
 * Checks what several keys have to agree on, and what a pattern cannot tell of one; each problem is reported at the line to
 * change.
 *
 * @param root the resolved tree behind the configuration
 * @param bad top-level keys that are invalid themselves: rules about them are skipped
 * @param steps the steps a build hook may name after `pre-` and `post-`
 */
export function checkRules(
  config: Config,
  root: MapNode,
  bad: ReadonlySet<string>,
  steps: readonly string[],
  listener: Listener,
  noEffect: NoEffect,
): void {
  const wrong: Wrong = (keys, message, at = keys) => listener.add(placeOf(root, at), keys, message);
  const warn: Wrong = (keys, message, at = keys) => listener.warn(placeOf(root, at), keys, message);
  const checked: Checked = { config, root, wrong, warn };
  const rules: [reads: (keyof Config)[], rule: (checked: Checked) => void][] = [
    [['docker', 'volumes'], checkDocker],
    [['docker', 'overlay', 'templates'], checkDaemon],
    [['containers', 'packages', 'compose', 'docker', 'volumes', 'install', 'state', 'logs'], checkContainers],
    [['images'], checkImages],
    [['compose'], checkCompose],
    [['compose', 'containers', 'packages'], checkComposePorts],
    [['volumes', 'install'], checkVolumes],
    [['volumes', 'install'], checkDiskVolumes],
    [['install'], checkCow],
    [['install'], checkBoot],
    [['install', 'initramfs', 'kernel'], checkNetboot],
    [['state', 'volumes', 'logs'], checkState],
    [['state'], checkHostKeys],
    [['kernel', 'volumes', 'modules'], checkKernel],
    [['name', 'hostname'], checkHostName],
    [['timezone'], checkTimezone],
    [['root', 'users'], checkRoot],
    [['root', 'users', 'volumes'], checkHomes],
    [['users'], checkUsers],
    [['network'], checkNetwork],
    [['firewall', 'packages', 'units', 'overlay', 'templates'], checkFirewall],
    [['units', 'time', 'packages'], checkUnits],
    [['permissions', 'cleanup', 'volumes'], checkPaths],
    [['exclude'], checkExclude],
    [['exclude', 'cleanup', 'docker', 'firewall', 'root', 'users', 'timezone', 'locale'], checkLeftOut],
    [['cleanup', 'users', 'units', 'docker'], checkLosses],
    [['fs', 'install', 'verify'], checkSizes],
    [['squash'], (all) => checkLevel(all, 'squash')],
    [['initramfs'], (all) => checkLevel(all, 'initramfs')],
    [['swap', 'volumes', 'install'], checkSwap],
    [['logs', 'state', 'docker', 'volumes', 'install'], checkLogs],
    [['sysctl'], checkSysctl],
    [['hooks'], (all) => checkHooks(all, steps)],
  ];
  for (const [reads, rule] of rules) if (!reads.some((key) => bad.has(key))) rule(checked);
  checkEffect(config, noEffect);
}

function checkHooks({ config: { hooks }, wrong }: Checked, steps: readonly string[]): void {
  const known = steps.flatMap((step) => [`pre-${step}`, `post-${step}`]);
  for (const hook of Object.keys(hooks)) {
    if (known.includes(hook)) continue;
    const near = didYouMean(hook, known);
    const help = near === undefined ? `; steps: ${steps.join(', ')}` : meant(near);
    wrong(
      ['hooks', hook],
      `expected pre- or post- and the name of a step, found ${JSON.stringify(hook)}${help}`,
    );
  }
}

function checkLevel({ config, root, wrong }: Checked, section: 'squash' | 'initramfs'): void {
  const { compression, level } = config[section];
  const keys = [section, 'level'];
  const most = LEVELS[compression];
  // A default is not a problem.
  if (most === undefined || level === undefined || level <= most || nodeAt(root, keys) === undefined) return;
  if (most > 0) {
    wrong(keys, `expected a whole number from 1 to ${most} for ${compression}, found the number ${level}`);
  } else {
    wrong(keys, `expected no level for ${compression}, found the number ${level}${REMOVE}`);
  }
}
