import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync } from 'node:fs';
import { basename, join, relative } from 'node:path';
import type { Flags } from '../config/flags';
import type { Config } from '../config/schema';
import { builtinHooks } from '../initramfs/hooks';
import { guard } from '../system/guard';
import { run as runCommand } from '../system/process';
import type { Runner } from '../system/sandbox';
import { cardsOf } from './cards';
import { dataDisks, releaseDisk } from './disks';
import { bootableImage } from './firmware';
import { VM_INIT, writeVmInitrd } from './initrd';
import { startVm } from './qemu';

export interface BootOptions {
  /** The release's folder. */
  release: string;
  config: Pick<Config, 'volumes' | 'install' | 'verify' | 'network'>;
  /** The build's folder; the data disks are kept there. */
  output: string;
  cache: string;
  /** As QEMU takes it: `1G`. */
  memory: string;
  /** A port of this machine that is forwarded to the guest's port 22. */
  ssh: number | undefined;
  /** What starts it: with a firmware, the disk is as it is, and nobody is logged in. */
  via: Flags['via'];
  signal: AbortSignal;
  log: (line: string) => void;
}

const CONSOLE = 'serial-getty@ttyS0.service';

/**
 * Boots a release in a virtual machine with its console on this terminal, and waits until the machine is off. The
 * release is unmodified; a hook in a second archive logs root in on the serial console, since root's password may be
 * locked.
 */
export async function bootRelease(options: BootOptions): Promise<void> {
  const { release, config, output, cache, memory, ssh, via, signal, log } = options;
  const tmp = join(cache, 'tmp', `boot-${process.pid}-${randomBytes(4).toString('hex')}`);
  const lock = `${tmp}.lock`;
  const held = await guard(lock, { remove: [tmp, lock], signal });
  // Two machines with one data disk would destroy its file system.
  const disksHeld = await guard(join(output, '.boot.lock'), {
    signal,
    onWait: () => log('waiting for another virtual machine that uses the data disks'),
  });
  try {
    mkdirSync(tmp, { recursive: true });
    const run: Runner = (command, args, more) => runCommand(command, args, { ...more, signal });
    const root =
      via === 'direct'
        ? await releaseDisk(release, config.install.label, tmp, run)
        : { file: bootableImage(release, config.install), snapshot: true };
    const data = await dataDisks(config, output, run);
    const initrd = join(tmp, 'initrd');
    const cards = cardsOf(config);
    await writeVmInitrd(join(release, 'initramfs.img'), initrd, {
      [`systemd/system/${CONSOLE}.d/dock0-autologin.conf`]: {
        source: join(builtinHooks(), 'vm/autologin.conf'),
      },
      ...cards.files,
    });
    const cmdline = readFileSync(join(release, 'cmdline'), 'utf8').trim();
    log(
      `booting release ${basename(release)}${via === 'direct' ? '; root is logged in on the console' : ''}; Ctrl-A x turns the machine off, Ctrl-A h shows help`,
    );
    for (const { file } of data.disks) log(`data disk: ${relative(process.cwd(), file)}`);
    if (ssh !== undefined) log(`ssh -p ${ssh} root@127.0.0.1`);
    const vm = await startVm({
      ...(via === 'direct'
        ? {
            kernel: join(release, 'vmlinuz'),
            initrd,
            cmdline: [cmdline, ...data.words, 'console=ttyS0', VM_INIT].join(' '),
          }
        : { firmware: via }),
      memory,
      cpus: config.verify.cpus,
      disks: [root, ...data.disks],
      cards: cards.cards,
      forwards: ssh === undefined ? [] : [{ host: ssh, guest: 22 }],
      onReboot: 'reboot',
      terminal: true,
      signal,
      tmp,
    });
    await vm.ended;
  } finally {
    await disksHeld.release();
    await held.release();
  }
}
