import type { Flags } from '../config/flags';
import type { Accelerator } from './qemu-probe';

/** One check. */
export interface Check {
  name: string;
  ok: boolean;
  /** What was found. */
  detail: string;
}

/** The stages of a boot that are timed. */
export type Milestone = (typeof MILESTONES)[number];

/** In the order they are reached. */
export const MILESTONES = [
  'kernel',
  'init',
  'root mounted',
  'systemd',
  'multi-user',
  'docker ready',
  'container ran',
] as const;

/** The report of one boot. */
export interface BootReport {
  /** Seconds since QEMU was started; without the stages that were not reached. */
  milestones: Partial<Record<Milestone, number>>;
  checks: Check[];
  /** Of the programs that were running, by name: kernel, systemd, docker, containerd, runc. */
  versions: Record<string, string>;
  /** Why the boot ended before its checks did. */
  stopped?: string;
  /** The last lines of the console, if something was wrong. */
  console?: string[];
}

/** What `verify.json` holds. */
export interface VerifyReport {
  release: string;
  passed: boolean;
  machine: { accelerator: Accelerator; via: Flags['via']; memory: string; cpus: number };
  /** The first boot, and the second one with the same data disks, if there was one. */
  boots: BootReport[];
}

/** The checks by name, in words, in the order they are made. */
const TITLES: Record<string, string> = {
  'root-stacked': 'the root is stacked squashfs',
  'root-unwritable': 'the layers are read-only',
  'root-after-reboot': 'writes to the root',
  volumes: 'volumes are mounted',
  'docker-answers': 'Docker answers',
  'docker-data': "Docker's data is not on the root",
  network: 'the network is up',
  'image-made': 'an image was imported',
  'image-kept': 'the image is still there',
  'image-built': 'another one was built from it',
  'container-ran': 'a container ran',
  'container-network': 'it reached the network through NAT',
  'container-seccomp': 'containers have the seccomp filter',
  'container-apparmor': 'containers have the AppArmor profile',
  'container-capabilities': "containers have Docker's default capabilities",
  'container-limits': 'limits of containers take',
  'container-namespaces': 'containers have namespaces of their own',
  'container-port': 'a published port answers',
  'container-name': 'a network resolves names of containers',
  'volume-kept': 'a volume keeps its data',
  identity: 'machine-id and SSH host key',
  sysctl: 'sysctls have their values',
  swap: 'there is swap space',
  units: 'no failed units',
};

const OF_DOCKER = /^(docker|network|image|container|volume)(-|$)/;
const OF_NETWORK = /^(container-)?network$/;
const FIRST_ONLY =
  /^(root-unwritable|image-made|image-built|container-(seccomp|apparmor|capabilities|limits|namespaces|port|name))$/;
const SECOND_ONLY = /^(root-after-reboot|image-kept|volume-kept)$/;

/** A check that not every release has. */
export interface Row {
  name: string;
  title: string;
  /** The boot that has it; default: both. */
  boot?: 1 | 2;
}

/** What of a release decides what is checked. */
export interface Having {
  docker: boolean;
  /** Whether a volume keeps the state of the machine. */
  state: boolean;
  /** Whether the machine has a network card. */
  network: boolean;
  /** Whether sysctls are stated. */
  sysctl: boolean;
  swap: boolean;
  /** Checks of what the configuration promises, after the others. */
  rows: readonly Row[];
}

/** The checks that are made only where the configuration promises something. */
const PROMISED: Readonly<Record<string, 'state' | 'sysctl' | 'swap'>> = {
  identity: 'state',
  sysctl: 'sysctl',
  swap: 'swap',
};

/** The checks of a boot; a missing one is as bad as a failed one. */
export function expectedChecks(boot: 1 | 2, having: Having): string[] {
  const others = boot === 1 ? SECOND_ONLY : FIRST_ONLY;
  const common = Object.keys(TITLES).filter((name) => {
    const promise = PROMISED[name];
    return (
      (promise === undefined || having[promise]) &&
      !others.test(name) &&
      (having.docker || !OF_DOCKER.test(name)) &&
      (having.network || !OF_NETWORK.test(name))
    );
  });
  const rows = having.rows.filter((row) => row.boot === undefined || row.boot === boot);
  return [...common, ...rows.map(({ name }) => name)];
}

/** The problems of a boot, in words; empty when all checks passed. */
export function complaints(report: BootReport, boot: 1 | 2, having: Having): string[] {
  const said = new Map(report.checks.map((check) => [check.name, check]));
  const found = expectedChecks(boot, having).flatMap((name) => {
    const check = said.get(name);
    if (check?.ok) return [];
    const title = titleOf(name, having.rows);
    return [check === undefined ? `${title}: not checked` : `${title}: no; ${check.detail}`];
  });
  return report.stopped === undefined ? found : [report.stopped, ...found];
}

const STARTED = {
  direct: '',
  bios: 'by BIOS, ',
  uefi: 'by UEFI, ',
  netboot: 'over the network, ',
} satisfies Record<Flags['via'], string>;

/** The report as text lines: the times of both boots side by side, then the checks. */
export function table(report: VerifyReport, rows: readonly Row[]): string[] {
  const { boots, machine } = report;
  const how = machine.accelerator === 'kvm' ? 'KVM' : 'emulated';
  const seconds = (value: number | undefined): string =>
    (value === undefined ? '-' : `${value.toFixed(1)} s`).padStart(13);
  const names = ['first boot', 'second boot'].slice(0, boots.length).map((name) => name.padStart(13));
  const times = MILESTONES.filter((name) =>
    boots.some(({ milestones }) => milestones[name] !== undefined),
  ).map((name) => `${name.padEnd(14)}${boots.map(({ milestones }) => seconds(milestones[name])).join('')}`);
  const checks = boots.flatMap((boot, index) =>
    boot.checks.map(({ name, ok, detail }) => {
      const title = `${titleOf(name, rows)}${index === 0 ? '' : ', after the reboot'}`;
      return `${ok ? 'ok    ' : 'FAILED'} ${title}: ${detail}`;
    }),
  );
  return [
    `release ${report.release} (${STARTED[machine.via]}${how}, ${machine.cpus} processors, ${machine.memory})`,
    ...versionsOf(boots),
    `${''.padEnd(14)}${names.join('')}`,
    ...times,
    ...checks,
  ];
}

/** The versions in a line, if the checks came so far. */
function versionsOf(boots: readonly BootReport[]): string[] {
  const found = Object.entries(Object.assign({}, ...boots.map(({ versions }) => versions)));
  return found.length === 0 ? [] : [found.map(([name, version]) => `${name} ${version}`).join(', ')];
}

function titleOf(name: string, rows: readonly Row[]): string {
  return TITLES[name] ?? rows.find((row) => row.name === name)?.title ?? name;
}
