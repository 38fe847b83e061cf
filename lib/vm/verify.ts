import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { basename, join } from 'node:path';
import type { Config } from '../config/schema';
import { stateVolume } from '../config/state';
import { sysctlPath } from '../config/sysctl';
import { Dock0Error } from '../error';
import { builtinHooks } from '../initramfs/hooks';
import { confined } from '../kernel/effects';
import type { Manifest } from '../release/manifest';
import { writeAtomically } from '../system/atomic-write';
import { guard } from '../system/guard';
import { readKeptJson } from '../system/kept-json';
import { run as runCommand } from '../system/process';
import type { Runner } from '../system/sandbox';
import { dataDisks, releaseDisk } from './disks';
import { type RunFiles, startedUnit, staticBusybox, VM_INIT, writeVmInitrd } from './initrd';
import { GUEST_ADDRESS, HOST_ADDRESS } from './qemu';
import { crashedInEmulation, watchBoot } from './verify-boot';
import {
  type BootReport,
  type Check,
  complaints,
  type Having,
  table,
  type VerifyReport,
} from './verify-report';

export interface VerifyOptions {
  /** The release's folder, `build/<name>/releases/<id>`. */
  release: string;
  config: Pick<Config, 'verify' | 'volumes' | 'install' | 'docker' | 'state' | 'sysctl' | 'swap'>;
  /** As QEMU takes it: `1G`. */
  memory: string;
  /** The cache's folder; the machine's temporary files are there until it is off. */
  cache: string;
  signal: AbortSignal;
  /** Takes progress and the table, one line at a time. */
  log: (line: string) => void;
}

/**
 * Proves a release in a virtual machine: boots it, unmodified, with empty data disks, checks it from inside, and boots
 * it again with the same disks. Writes `verify.json` beside the manifest.
 *
 * @throws Dock0Error naming failed and missing checks, with the last lines of the console
 */
export async function verifyRelease(options: VerifyOptions): Promise<VerifyReport> {
  const { release, config, cache, signal, log } = options;
  for (const name of ['vmlinuz', 'initramfs.img', 'cmdline']) {
    if (!existsSync(join(release, name)))
      throw new Dock0Error(`${release} is not a release: it has no ${name}`);
  }
  const tmp = join(cache, 'tmp', `verify-${process.pid}-${randomBytes(4).toString('hex')}`);
  const lock = `${tmp}.lock`;
  const held = await guard(lock, { remove: [tmp, lock], signal });
  try {
    mkdirSync(tmp, { recursive: true });
    const run: Runner = (command, args, more) => runCommand(command, args, { ...more, signal });
    const report = await bootTwice(options, tmp, run);
    writeReport(release, report);
    for (const line of table(report)) log(line);
    const having = havingOf(config);
    const wrong = report.boots.flatMap((boot, index) => complaints(boot, index === 0 ? 1 : 2, having));
    if (wrong.length > 0) throw failure(report, wrong);
    return report;
  } finally {
    await held.release();
  }
}

async function bootTwice(
  { release, config, memory, signal, log }: VerifyOptions,
  tmp: string,
  run: Runner,
): Promise<VerifyReport> {
  const { verify, install } = config;
  const root = await releaseDisk(release, install.label, tmp, run);
  const data = await dataDisks(config, tmp, run);
  const words = [
    readFileSync(join(release, 'cmdline'), 'utf8').trim(),
    ...data.words,
    'console=ttyS0',
    'panic=-1',
    VM_INIT,
  ];
  const nonce = randomBytes(8).toString('hex');
  const answer = randomBytes(8).toString('hex');
  const server = await answering(answer);
  const initrd = join(tmp, 'initrd');
  const report: VerifyReport = {
    release: basename(release),
    passed: false,
    machine: { accelerator: 'tcg', memory, cpus: verify.cpus },
    boots: [],
  };
  try {
    for (const boot of [1, 2] as const) {
      log(boot === 1 ? `booting release ${report.release}` : 'booting it again with the same data disks');
      await writeVmInitrd(
        join(release, 'initramfs.img'),
        initrd,
        agentFiles({ release, config }, data.specs, { boot, nonce, port: portOf(server) }),
      );
      const watch = () =>
        watchBoot({
          machine: {
            kernel: join(release, 'vmlinuz'),
            initrd,
            cmdline: words.join(' '),
            memory,
            cpus: verify.cpus,
            disks: [root, ...data.disks],
            signal,
            tmp,
          },
          timeout: verify.timeout,
          judge: (check) => sameIdentity(believed(check, nonce, answer), report.boots[0]),
        });
      let watched = await watch();
      if (crashedInEmulation(watched)) {
        log(
          `the kernel crashed before it started the initramfs (${watched.report.stopped}): trying once more`,
        );
        watched = await watch();
      }
      report.machine.accelerator = watched.accelerator;
      report.boots.push(watched.report);
      // The second boot looks for what the first one made.
      if (complaints(watched.report, boot, havingOf(config)).length > 0) {
        watched.report.console = watched.console;
        return report;
      }
    }
    return { ...report, passed: true };
  } finally {
    server.close();
  }
}

function agentFiles(
  { release, config }: Pick<VerifyOptions, 'release' | 'config'>,
  specs: Record<string, string>,
  { boot, nonce, port }: { boot: number; nonce: string; port: number },
): RunFiles {
  const { volumes, docker, install } = config;
  const vm = join(builtinHooks(), 'vm');
  const packages = readKeptJson<Pick<Manifest, 'packages'>>(join(release, 'manifest.json'))?.packages ?? [];
  const parameters = {
    BOOT: boot,
    NONCE: nonce,
    HOST: HOST_ADDRESS,
    PORT: port,
    ADDRESS: GUEST_ADDRESS,
    DOCKER: docker.enabled ? 'yes' : 'no',
    STATE: stateVolume(config) === undefined ? 'no' : 'yes',
    SWAP: config.swap === undefined ? 'no' : 'yes',
    APPARMOR: confined(packages.map(({ name }) => name)) ? 'yes' : 'no',
    SECCOMP: docker.daemon['seccomp-profile'] === 'unconfined' ? 0 : 2,
    NAMESPACES:
      docker.daemon['default-cgroupns-mode'] === 'host'
        ? "'mnt pid net ipc uts'"
        : "'mnt pid net ipc uts cgroup'",
    ROOT: install.cow === 'tmpfs' ? 'forgets' : 'keeps',
  };
  const table = Object.entries(volumes).map(
    ([name, volume]) => `${[name, specs[name], volume.path].join('\t')}\n`,
  );
  return {
    'dock0-vm/agent': { source: join(vm, 'verify') },
    'dock0-vm/containers': { source: join(vm, 'containers') },
    'dock0-vm/busybox': { source: staticBusybox(), mode: 0o755 },
    'dock0-vm/parameters': {
      text: Object.entries(parameters)
        .map(([name, value]) => `${name}=${value}\n`)
        .join(''),
    },
    'dock0-vm/volumes': { text: table.join('') },
    'dock0-vm/sysctls': { text: sysctlTable(config) },
    ...startedUnit('dock0-verify.service', join(vm, 'verify.service')),
  };
}

/** The sysctls with one value, by their paths below /proc/sys: a pattern has many, and one with - in front may fail. */
function sysctlTable({ sysctl }: VerifyOptions['config']): string {
  return Object.entries(sysctl)
    .filter(([name]) => !name.includes('*') && !name.startsWith('-'))
    .map(([name, value]) => `${sysctlPath(name)}\t${value}\n`)
    .join('');
}

function havingOf(config: VerifyOptions['config']): Having {
  return {
    docker: config.docker.enabled,
    state: stateVolume(config) !== undefined,
    sysctl: sysctlTable(config) !== '',
    swap: config.swap !== undefined,
  };
}

/** After the reboot, the machine is who it was before. */
function sameIdentity(check: Check, first: BootReport | undefined): Check {
  const before = first?.checks.find(({ name }) => name === 'identity')?.detail;
  if (check.name !== 'identity' || !check.ok || before === undefined || check.detail === before) return check;
  return { ...check, ok: false, detail: `expected ${before}, found: ${check.detail}` };
}

/** A container that really ran knows the nonce, and the answer of our server. */
function believed(check: Check, nonce: string, answer: string): Check {
  const needed = { 'container-ran': nonce, 'container-network': answer }[check.name];
  if (needed === undefined || !check.ok || check.detail.includes(needed)) return check;
  return { ...check, ok: false, detail: `expected ${needed}, found: ${check.detail}` };
}

/** Answers every connection to a port of the loopback interface, which the guest's user-mode network leads to. */
function answering(answer: string): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = createServer((socket) => {
      socket.on('error', () => undefined);
      socket.end(`${answer}\n`);
    });
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => resolve(server));
  });
}

function portOf(server: Server): number {
  const address = server.address();
  return address !== null && typeof address === 'object' ? address.port : 0;
}

function writeReport(release: string, report: VerifyReport): void {
  const file = join(release, 'verify.json');
  writeAtomically(file, `${JSON.stringify(report, null, 2)}\n`);
}

function failure(report: VerifyReport, wrong: string[]): Dock0Error {
  const tail = report.boots.at(-1)?.console ?? [];
  const shown =
    tail.length === 0
      ? ''
      : `\nThe last lines of the console:\n${tail.map((line) => `    ${line}`).join('\n')}`;
  return new Dock0Error(
    `release ${report.release} failed verification:\n${wrong.map((line) => `  - ${line}`).join('\n')}${shown}`,
    {
      hint: '`gulp boot` boots it with its console on this terminal.',
    },
  );
}
