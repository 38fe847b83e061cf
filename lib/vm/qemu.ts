import type { ChildProcess } from 'node:child_process';
import type { Duplex, Readable } from 'node:stream';
import { Dock0Error } from '../error';
import { findTool } from '../system/find-tool';
import { start } from '../system/start';
import type { VmCard } from './cards';
import { plainText } from './plain-text';
import { type Firmware, firmwareArguments } from './qemu-firmware';
import { type Accelerator, accelerator } from './qemu-probe';

/** A raw disk image, in the order of /dev/vda, /dev/vdb, …. */
export interface VmDisk {
  file: string;
  /** The guest's writes are discarded at the end; the file does not change. */
  snapshot: boolean;
  /** What it is to the guest, and what that is plugged into, as `-device` takes them. Default: a virtio disk. */
  device?: { name: string; on?: readonly string[] };
  /**
   * A file that is there, which gets each write and each flush of the guest, in their order and as dm-log-writes of Linux lays
   * them out. Not with `snapshot`.
   */
  log?: string;
}

/** A kernel that QEMU starts itself. */
export interface Direct {
  kernel: string;
  initrd: string;
  cmdline: string;
}

/** What looks for a boot loader on the disks. */
export interface ByFirmware {
  firmware: Firmware;
  /** The store with the variables of UEFI, which it gets a copy of; default: an empty one. */
  variables?: string;
}

/** The boot program of a network card, iPXE: of the last one. */
export interface ByNetwork {
  /** What DHCP tells it to start: a URL. */
  bootfile: string;
}

/** What a machine starts with. */
export type Start = Direct | ByFirmware | ByNetwork;

export type VmOptions = Machine & Start;

/** Everything but what it starts with. */
export interface Machine {
  /** As QEMU takes it: `1G`. */
  memory: string;
  cpus: number;
  disks: VmDisk[];
  /** Its network cards, in the order of eth0, eth1, …; default: one. */
  cards?: readonly VmCard[];
  /** TCP ports of this machine's loopback interface that are forwarded to ports of the guest, on its last card. */
  forwards?: { host: number; guest: number }[];
  /** Whether a reboot of the guest ends the machine. */
  onReboot: 'end' | 'reboot';
  /** This process's terminal is the guest's console; Ctrl-A x ends it. Otherwise lines go to `onConsole`. */
  terminal?: boolean;
  /** A line of the console, without colours and carriage returns. */
  onConsole?: (line: string) => void;
  /** A line the guest wrote to its second serial port (ttyS1). */
  onReport?: (line: string) => void;
  /** Ends the machine. */
  signal?: AbortSignal | undefined;
  /** A folder for QEMU's temporary files. */
  tmp: string;
}

/** A running virtual machine. */
export interface Vm {
  accelerator: Accelerator;
  /** Ends the machine at once, like a power cut. */
  kill: () => void;
  /** Sends a line to the guest's second serial port. */
  say: (line: string) => void;
  /**
   * Resolves when the machine is off.
   *
   * @throws Dock0Error with QEMU's output when it could not start or was ended by someone else
   */
  ended: Promise<void>;
}

/** The emulator of this machine's architecture. */
export const QEMU = process.arch === 'arm64' ? 'qemu-system-aarch64' : 'qemu-system-x86_64';

/**
 * Starts a virtual machine: virtio disks and network, two serial ports, KVM where it works, else multi-threaded
 * emulation. It ends with this process (PR_SET_PDEATHSIG) and leaves no file behind.
 *
 * @throws Dock0Error when QEMU is not installed
 */
export async function startVm(options: VmOptions): Promise<Vm> {
  if (findTool(QEMU) === undefined) {
    throw new Dock0Error(`${QEMU} is not installed`, {
      hint: '`gulp setup` installs what the configuration needs.',
    });
  }
  const kind = await accelerator(options.tmp, options.signal);
  const { terminal = false } = options;
  const child = start(QEMU, arguments_(kind, options), {
    stdio: terminal ? ['inherit', 'inherit', 'inherit', 'pipe'] : ['ignore', 'pipe', 'pipe', 'pipe'],
    // `snapshot` has its unlinked files there.
    env: { ...process.env, TMPDIR: options.tmp },
  });
  let killed = false;
  const kill = (): void => {
    killed = true;
    child.kill('SIGKILL');
  };
  options.signal?.addEventListener('abort', kill, { once: true });
  const readers = [eachLine(child.stdio[3] as Readable, options.onReport)];
  let said = '';
  if (child.stdout !== null) readers.push(eachLine(child.stdout, options.onConsole));
  child.stderr?.on('data', (data: Buffer) => {
    said = (said + data.toString()).slice(-4000);
  });
  const ended = ending(child).then(async (how) => {
    options.signal?.removeEventListener('abort', kill);
    await Promise.all(readers);
    options.signal?.throwIfAborted();
    if (how === 0 || killed) return;
    throw new Dock0Error(`${QEMU} ended with ${how}${said === '' ? '' : `: ${said.trim()}`}`);
  });
  // A caller may await something else first: the rejection must not count as unhandled.
  ended.catch(() => undefined);
  const port = child.stdio[3] as Duplex;
  port.on('error', () => undefined);
  const say = (line: string): void => {
    if (port.writable) port.write(`${line}\n`);
  };
  return { accelerator: kind, kill, say, ended };
}

function arguments_(kind: Accelerator, options: VmOptions): string[] {
  const forwards = (options.forwards ?? []).map(
    ({ host, guest }) => `,hostfwd=tcp:127.0.0.1:${host}-:${guest}`,
  );
  const cards = options.cards ?? [{ net: '10.0.2' }];
  const disks = options.disks.flatMap((disk, index) => {
    const { device = { name: 'virtio-blk-pci' } } = disk;
    return [
      ...['-drive', `${drive(disk)},if=none,id=disk${index}`],
      ...(device.on ?? []).flatMap((each) => ['-device', each]),
      ...['-device', `${device.name},drive=disk${index}`],
    ];
  });
  const console = options.terminal
    ? ['-serial', 'mon:stdio']
    : ['-chardev', 'stdio,id=console,signal=off', '-serial', 'chardev:console'];
  return [
    ...['-nodefaults', '-no-user-config', '-display', 'none'],
    ...['-accel', kind === 'kvm' ? 'kvm' : 'tcg,thread=multi', '-cpu', 'max'],
    ...['-m', options.memory, '-smp', String(options.cpus)],
    ...startArguments(kind, options),
    ...console,
    ...['-chardev', 'socket,id=report,fd=3', '-serial', 'chardev:report'],
    ...disks,
    ...cards.flatMap(({ mac, net, closed }, index) => {
      const isLast = index === cards.length - 1;
      const boots = isLast && 'bootfile' in options;
      const user = `user,id=net${index},net=${net}.0/24,restrict=${closed ? 'on' : 'off'}`;
      const last = isLast ? [...forwards, ...(boots ? [`,bootfile=${options.bootfile}`] : [])] : [];
      // Without its boot ROM, which would write escape sequences to the console, unless the machine boots from it.
      const rom = boots ? 'bootindex=0' : 'romfile=';
      const device = `virtio-net-pci,netdev=net${index},${rom}${mac === undefined ? '' : `,mac=${mac}`}`;
      return ['-netdev', [user, ...last].join(''), '-device', device];
    }),
    ...['-device', 'virtio-rng-pci'],
    ...(options.onReboot === 'end' ? ['-no-reboot'] : []),
  ];
}

// What the guest flushes is in this machine's memory, which outlives the guest however it ends.
function drive({ file, snapshot, log }: VmDisk): string {
  const quoted = (path: string): string => path.replaceAll(',', ',,');
  if (log === undefined)
    return `file=${quoted(file)},format=raw,snapshot=${snapshot ? 'on' : 'off'},cache=unsafe`;
  // The log gets the flushes, and neither file does.
  const below = (name: string, path: string): string =>
    `${name}.driver=file,${name}.filename=${quoted(path)},${name}.cache.no-flush=on`;
  return `driver=blklogwrites,${below('file', file)},${below('log', log)}`;
}

function startArguments(kind: Accelerator, options: VmOptions): string[] {
  if ('firmware' in options) return firmwareArguments(options.firmware, options.tmp, options.variables);
  return 'kernel' in options ? directArguments(kind, options) : [];
}

function directArguments(kind: Accelerator, { kernel, initrd, cmdline }: Direct): string[] {
  return ['-kernel', kernel, '-initrd', initrd, '-append', [cmdline, ...emulationWords(kind)].join(' ')];
}

/**
 * Words for the command line of a machine in emulation: Linux does not trust the TSC of several processors there, though it
 * is this machine's, and each look at the clock would leave the guest (`tsc` in kernel-parameters.txt).
 */
export function emulationWords(kind: Accelerator): string[] {
  return kind === 'tcg' && process.arch === 'x64' ? ['tsc=reliable'] : [];
}

function ending(child: ChildProcess): Promise<number | string> {
  return new Promise((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('exit', (code, signal) => resolve(code ?? String(signal)));
  });
}

async function eachLine(stream: Readable, onLine: ((line: string) => void) | undefined): Promise<void> {
  let rest = '';
  const give = (line: string): void => onLine?.(plainText(line));
  try {
    for await (const data of stream.setEncoding('utf8')) {
      const lines = (rest + String(data)).split('\n');
      rest = lines.pop() ?? '';
      lines.forEach(give);
    }
  } catch {
    // The other end was closed with the machine.
  }
  if (rest !== '') give(rest);
}
