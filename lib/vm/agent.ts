import { join } from 'node:path';
import type { Config } from '../config/schema';
import { stateVolume } from '../config/state';
import { sysctlPath } from '../config/sysctl';
import { builtinHooks } from '../initramfs/hooks';
import { confined } from '../kernel/effects';
import type { Cards } from './cards';
import { type RunFiles, startedUnit, staticBusybox } from './initrd';
import { ownFiles, ownRows } from './own-containers';
import type { Promised } from './promised';
import type { Having } from './verify-report';

/** The part of a configuration that verify goes by. */
export type Verified = Pick<
  Config,
  | 'name'
  | 'verify'
  | 'volumes'
  | 'install'
  | 'docker'
  | 'state'
  | 'network'
  | 'firewall'
  | 'root'
  | 'users'
  | 'distribution'
  | 'containers'
  | 'sysctl'
  | 'swap'
>;

/** The files of the agent: what it is to check, of a configuration and a run. */
export function agentFiles(
  {
    config,
    packages,
    promised,
    cards,
    key,
  }: { config: Verified; packages: readonly string[]; promised: Promised; cards: Cards; key: string },
  specs: Record<string, string>,
  { boot, nonce, port }: { boot: number; nonce: string; port: number },
): RunFiles {
  const { volumes, docker, install } = config;
  const vm = join(builtinHooks(), 'vm');
  const parameters = {
    BOOT: boot,
    NONCE: nonce,
    HOST: cards.host,
    PORT: port,
    ADDRESS: `${cards.guest}/24`,
    NETWORK: config.verify.network,
    CARD: cards.name ?? '',
    DOCKER: docker.enabled ? 'yes' : 'no',
    STATE: stateVolume(config) === undefined ? 'no' : 'yes',
    SWAP: config.swap === undefined ? 'no' : 'yes',
    APPARMOR: confined(packages) ? 'yes' : 'no',
    SECCOMP: docker.daemon['seccomp-profile'] === 'unconfined' ? 0 : 2,
    NAMESPACES:
      docker.daemon['default-cgroupns-mode'] === 'host'
        ? "'mnt pid net ipc uts'"
        : "'mnt pid net ipc uts cgroup'",
    ROOT: install.cow === 'tmpfs' ? 'forgets' : 'keeps',
    RESOLVER: promised.rows.some(({ name }) => name === 'resolver') ? 'yes' : 'no',
    ACCOUNTS: `'${promised.accounts.join(' ')}'`,
    PORTS: `'${promised.ports.map((each) => each.port).join(' ')}'`,
  };
  const table = Object.entries(volumes).map(
    ([name, volume]) => `${[name, specs[name], volume.path].join('\t')}\n`,
  );
  return {
    'dock0-vm/agent': { source: join(vm, 'verify') },
    'dock0-vm/containers': { source: join(vm, 'containers') },
    'dock0-vm/network': { source: join(vm, 'network') },
    'dock0-vm/busybox': { source: staticBusybox(), mode: 0o755 },
    'dock0-vm/parameters': {
      text: Object.entries(parameters)
        .map(([name, value]) => `${name}=${value}\n`)
        .join(''),
    },
    'dock0-vm/volumes': { text: table.join('') },
    'dock0-vm/interfaces': { text: promised.interfaces },
    'dock0-vm/key': { text: `${key}\n` },
    'dock0-vm/sysctls': { text: sysctlTable(config) },
    ...cards.files,
    ...ownFiles(config, vm),
    ...startedUnit('dock0-verify.service', join(vm, 'verify.service')),
  };
}

/** The sysctls with one value, by their paths below /proc/sys: a pattern has many, and one with - in front may fail. */
function sysctlTable({ sysctl }: Verified): string {
  return Object.entries(sysctl)
    .filter(([name]) => !name.includes('*') && !name.startsWith('-'))
    .map(([name, value]) => `${sysctlPath(name)}\t${value}\n`)
    .join('');
}

/** What of a configuration decides what is checked. */
export function havingOf(config: Verified, { rows }: Promised): Having {
  return {
    docker: config.docker.enabled,
    state: stateVolume(config) !== undefined,
    sysctl: sysctlTable(config) !== '',
    swap: config.swap !== undefined,
    network: config.verify.network === 'user',
    rows: [...rows, ...ownRows(config)],
  };
}
