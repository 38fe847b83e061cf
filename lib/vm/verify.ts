import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { basename, join } from 'node:path';
import { diskVolumes } from '../config/disk-volumes';
import type { Flags } from '../config/flags';
import { Dock0Error } from '../error';
import type { Manifest } from '../release/manifest';
import { writeAtomically } from '../system/atomic-write';
import { guard } from '../system/guard';
import { readKeptJson } from '../system/kept-json';
import { run as runCommand } from '../system/process';
import type { Runner } from '../system/sandbox';
import { agentFiles, havingOf, type Verified } from './agent';
import { cardsOf } from './cards';
import { dataDisks, releaseDisk } from './disks';
import { agentDisk } from './firmware';
import { VM_INIT, writeVmInitrd } from './initrd';
import { outsideOf } from './outside';
import { type Promised, promisedOf } from './promised';
import { emulationWords } from './qemu';
import { accelerator } from './qemu-probe';
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
  config: Verified;
  /** How the machine starts the release. */
  via: Flags['via'];
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
 * it again with the same disks, unless `verify.boots` is 1. Writes `verify.json` beside the manifest.
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
    const packages = packagesOf(release);
    const promised = await promisedOf(config, packages);
    const having = havingOf(config, promised);
    const report = await bootEach(options, { tmp, packages, promised, having }, run);
    writeReport(release, report);
    for (const line of table(report, having.rows)) log(line);
    const wrong = report.boots.flatMap((boot, index) => complaints(boot, index === 0 ? 1 : 2, having));
    if (wrong.length > 0) throw failure(report, wrong);
    return report;
  } finally {
    await held.release();
  }
}

/** What one verification knows of its release. */
interface Known {
  tmp: string;
  packages: readonly string[];
  promised: Promised;
  having: Having;
}

async function bootEach(
  { release, config, via, memory, signal, log }: VerifyOptions,
  { tmp, packages, promised, having }: Known,
  run: Runner,
): Promise<VerifyReport> {
  const { verify, install } = config;
  const own = via === 'direct' ? undefined : await agentDisk(release, config, tmp, run);
  const root =
    own === undefined
      ? await releaseDisk(release, install.label, tmp, run)
      : { file: own.file, snapshot: false };
  const kind = await accelerator(tmp, signal);
  const onRoot = own === undefined ? [] : diskVolumes(config).map(({ name }) => name);
  const data = await dataDisks(config, tmp, run, onRoot);
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
  const cards = cardsOf(config);
  const outside = await outsideOf(promised, tmp, run);
  const report: VerifyReport = {
    release: basename(release),
    passed: false,
    machine: { accelerator: kind, via, memory, cpus: verify.cpus },
    boots: [],
  };
  try {
    for (const boot of [1, 2] as const) {
      if (boot > verify.boots) break;
      log(boot === 1 ? `booting release ${report.release}` : 'booting it again with the same data disks');
      await writeVmInitrd(
        join(release, 'initramfs.img'),
        initrd,
        agentFiles({ config, packages, promised, cards, key: outside.key }, data.specs, {
          boot,
          nonce,
          port: portOf(server),
        }),
      );
      const cmdline = words.join(' ');
      await own?.fill(initrd, [cmdline, ...emulationWords(kind)].join(' '));
      const watch = () =>
        watchBoot({
          machine: {
            ...(via === 'direct' ? { kernel: join(release, 'vmlinuz'), initrd, cmdline } : { firmware: via }),
            memory,
            cpus: verify.cpus,
            disks: [root, ...data.disks],
            cards: cards.cards,
            forwards: outside.forwards,
            signal,
            tmp,
          },
          timeout: verify.timeout,
          outside: () => outside.attempt(boot, nonce),
          judge: (check) => sameIdentity(believed(check, nonce, answer), report.boots[0]),
        });
      let watched = await watch();
      if (crashedInEmulation(watched)) {
        log(
          `the kernel crashed before it started the initramfs (${watched.report.stopped}): trying once more`,
        );
        watched = await watch();
      }
      report.boots.push(watched.report);
      // The second boot looks for what the first one made.
      if (complaints(watched.report, boot, having).length > 0) {
        watched.report.console = watched.console;
        return report;
      }
    }
    return { ...report, passed: true };
  } finally {
    server.close();
  }
}

/** The names of the packages of a release. */
function packagesOf(release: string): string[] {
  const manifest = readKeptJson<Pick<Manifest, 'packages'>>(join(release, 'manifest.json'));
  return (manifest?.packages ?? []).map(({ name }) => name);
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
