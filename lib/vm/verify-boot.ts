import { Dock0Error, messageOf } from '../error';
import { type Machine, type Start, startVm } from './qemu';
import type { Accelerator } from './qemu-probe';
import type { BootReport, Milestone } from './verify-report';

/** A boot to watch. */
export interface WatchedBoot {
  machine: Omit<Machine, 'onConsole' | 'onReport' | 'onReboot' | 'terminal'> & Start;
  /** Seconds until the machine must be off again. */
  timeout: number;
  /** Checks the agent's report of a check against what only the build host knows. */
  judge: (check: BootReport['checks'][number]) => BootReport['checks'][number];
  /** Makes the checks from outside, when the agent asks for them. */
  outside: () => Promise<BootReport['checks']>;
}

/** The result of a boot. */
export interface Watched {
  report: BootReport;
  accelerator: Accelerator;
  /** The last lines of the console. */
  console: string[];
}

const KEPT_LINES = 40;
const FROM_AGENT: Record<string, Milestone> = {
  systemd: 'systemd',
  'multi-user': 'multi-user',
  'docker-ready': 'docker ready',
  'container-ran': 'container ran',
};
/** How long the initramfs gets to list the disks after it reported a failure. */
const LAST_WORDS_MS = 3000;

/**
 * Boots a machine whose agent reports on the second serial port, and waits until the machine is off.
 *
 * Times are counted from QEMU's start: the initramfs's first line has the kernel's uptime, which relates the guest's
 * clock to this machine's.
 *
 * @throws Dock0Error when QEMU does not start; the signal's reason when it aborts
 */
export async function watchBoot({ machine, timeout, judge, outside }: WatchedBoot): Promise<Watched> {
  const report: BootReport = { milestones: {}, checks: [], versions: {} };
  const lines: string[] = [];
  const end = new AbortController();
  let done = false;
  let kernelStart: number | undefined;
  const stop = (why: string, delay = 0): void => {
    report.stopped ??= why;
    setTimeout(() => end.abort(), delay).unref();
  };
  const timer = setTimeout(() => stop(`timed out after ${timeout} s (verify.timeout)`), timeout * 1000);
  let started = performance.now();
  let answer: (line: string) => void = () => undefined;
  const now = (): number => (performance.now() - started) / 1000;
  const onConsole = (line: string): void => {
    lines.push(line);
    if (lines.length > KEPT_LINES) lines.shift();
    const [, uptime, text = ''] = /dock0: \[([0-9.]+)\] (.*)/.exec(line) ?? [];
    if (uptime !== undefined && kernelStart === undefined) {
      kernelStart = Math.max(0, now() - Number(uptime));
      report.milestones.kernel = round(kernelStart);
    }
    const guest = (): number => round((kernelStart ?? 0) + Number(uptime));
    if (text === 'init started') report.milestones.init = guest();
    if (text.startsWith('root mounted')) report.milestones['root mounted'] = guest();
    if (text.startsWith('FAILED: ')) stop(`the initramfs: ${text.slice('FAILED: '.length)}`, LAST_WORDS_MS);
    if (/Kernel panic - not syncing/.test(line)) stop(line.replace(/^\[[ 0-9.]+\] /, ''), LAST_WORDS_MS);
  };
  const onReport = (line: string): void => {
    const [word = '', name = '', ...rest] = line.trim().split(' ');
    if (word === 'ok' || word === 'failed')
      report.checks.push(judge({ name, ok: word === 'ok', detail: rest.join(' ') }));
    const milestone = FROM_AGENT[name];
    if (word === 'time' && milestone !== undefined)
      report.milestones[milestone] = round((kernelStart ?? 0) + Number(rest[0]));
    if (word === 'version' && rest.length > 0) report.versions[name] = rest.join(' ');
    if (word === 'ask') {
      // Where it fails, its rows are missing.
      void outside()
        .then((checks) => report.checks.push(...checks))
        .catch((error: unknown) => lines.push(`verify: ${messageOf(error)}`))
        .then(() => answer('tried'));
    }
    if (word === 'done') {
      done = true;
      answer('seen');
    }
  };
  try {
    const vm = await startVm({ ...machine, onReboot: 'end', onConsole, onReport });
    started = performance.now();
    answer = vm.say;
    end.signal.addEventListener('abort', vm.kill, { once: true });
    await vm.ended;
    if (!done) report.stopped ??= 'the machine turned off before the checks were done';
    return { report, accelerator: vm.accelerator, console: lines };
  } catch (error) {
    machine.signal?.throwIfAborted();
    throw error instanceof Dock0Error
      ? error
      : new Dock0Error(`the virtual machine: ${messageOf(error)}`, { cause: error });
  } finally {
    clearTimeout(timer);
  }
}

/**
 * Whether the kernel crashed before it started the initramfs, in an emulated machine. Emulated processors whose clocks drift
 * apart bring kernels to that now and then; such a boot tells nothing of the release.
 */
export function crashedInEmulation({
  report,
  accelerator,
}: Pick<Watched, 'report' | 'accelerator'>): boolean {
  const missing = /Kernel panic - not syncing: (VFS|No working init)/;
  const { stopped = '', milestones } = report;
  return (
    accelerator === 'tcg' &&
    milestones.init === undefined &&
    stopped.startsWith('Kernel panic') &&
    !missing.test(stopped)
  );
}

function round(seconds: number): number {
  return Math.round(seconds * 100) / 100;
}
