import { findTool } from './find-tool';
import { CommandError, type RunOptions, type RunResult } from './process';
import type { Sandbox } from './sandbox';

// Constant scripts, one process instead of many: the root arrives as the argument. A link in the image must not lead
// a mount out of it.
const KERNEL_FILESYSTEMS = `
set -e
cd "$1"
${folders('proc sys dev')}
mkdir -p proc sys dev
mount -t proc -o nosuid,nodev,noexec proc proc
for path in bus fs irq sys sysrq-trigger; do
  [ -e "proc/$path" ] || continue
  mount -o bind,ro,nosuid,nodev,noexec "proc/$path" "proc/$path"
done
for path in kcore keys; do
  [ ! -e "proc/$path" ] || mount -o bind,ro /dev/null "proc/$path"
done
mount -t sysfs -o ro,nosuid,nodev,noexec sysfs sys
${smallDev('dev')}
`;
const SCRATCH_FILESYSTEMS = `
${folders('run tmp etc')}
mkdir -p run tmp
mount -t tmpfs -o nosuid,nodev,mode=755 run run
mount -t tmpfs -o nosuid,nodev,mode=1777 tmp tmp
[ -e /etc/resolv.conf ] || exit 0
mkdir -p run/systemd/resolve
cat /etc/resolv.conf > run/systemd/resolve/stub-resolv.conf
if [ -f etc/resolv.conf ] && [ ! -L etc/resolv.conf ]; then
  mount --bind run/systemd/resolve/stub-resolv.conf etc/resolv.conf
fi
`;

/** Lines of a script that refuse what is no folder at these paths. */
function folders(paths: string): string {
  return `for folder in ${paths}; do
  [ ! -L "$folder" ] || { echo "/$folder of the image is a symbolic link" >&2; exit 1; }
  [ -d "$folder" ] || [ ! -e "$folder" ] || { echo "/$folder of the image is not a folder" >&2; exit 1; }
done`;
}

/**
 * Lines of a script that mount a /dev without disks and other hardware on a folder. Its nodes are this machine's own:
 * read-only, they are used as ever, but whoever changes the mode or the owner of one is refused.
 */
export function smallDev(folder: string): string {
  return `mount -t tmpfs -o nosuid,noexec,mode=755,size=1m dev ${folder}
for node in null zero full random urandom tty; do
  : > "${folder}/$node"
  mount -o bind,ro "/dev/$node" "${folder}/$node"
done
ln -s /proc/self/fd ${folder}/fd
ln -s /proc/self/fd/0 ${folder}/stdin
ln -s /proc/self/fd/1 ${folder}/stdout
ln -s /proc/self/fd/2 ${folder}/stderr
mkdir -m 1777 ${folder}/shm`;
}

/**
 * Gives a root folder what programs running in it expect: /proc, /sys (both cannot change the kernel), a small /dev,
 * /run and /tmp, and a copy of the host's resolver configuration where the root's resolv.conf is or leads. All of it is
 * mounted in the sandbox only; nothing stays in the root but empty folders.
 *
 * @throws CommandError when one of these folders is a symbolic link or no folder in the image
 */
export async function mountApiFilesystems(sandbox: Sandbox, root: string): Promise<void> {
  await mountBy(`${KERNEL_FILESYSTEMS}${SCRATCH_FILESYSTEMS}`, sandbox, root);
}

/** Mounts only /proc, /sys and /dev of `mountApiFilesystems`. */
export async function mountKernelFilesystems(sandbox: Sandbox, root: string): Promise<void> {
  await mountBy(KERNEL_FILESYSTEMS, sandbox, root);
}

/** Runs a script of mounts; what is wrong with the image is said without the script. */
async function mountBy(script: string, sandbox: Sandbox, root: string): Promise<void> {
  try {
    await sandbox.run('sh', ['-c', script, 'sh', root]);
  } catch (error) {
    const said = error instanceof CommandError && /^\/\w+ of the image is .*$/m.exec(error.output)?.[0];
    throw said ? new CommandError(error.command, error.code, error.output, said) : error;
  }
}

/**
 * What package scripts and commands in an image may do besides what file modes say (capabilities(7)): owners, modes,
 * users, file capabilities, chroot. No mounts, devices, modules, clocks, raw sockets, kernel settings.
 */
const CAPABILITIES = [
  'chown',
  'dac_override',
  'fowner',
  'fsetid',
  'kill',
  'setgid',
  'setuid',
  'setpcap',
  'setfcap',
  'net_bind_service',
  'sys_chroot',
  'audit_write',
];

/**
 * A command line that runs another one without the capabilities it does not need: the one that is found like every other
 * command, not the one on the PATH that commands get.
 */
export function confined([program = '', ...args]: readonly string[]): string[] {
  const kept = CAPABILITIES.map((name) => `+${name}`).join(',');
  const command = [findTool(program) ?? program, ...args];
  return ['setpriv', '--bounding-set', `-all,${kept}`, '--inh-caps', '-all', '--', ...command];
}

/**
 * A command in `root`, as chroot(8) runs it: confined, with nothing of this machine's environment but what `env` says.
 */
export function chroot(
  sandbox: Sandbox,
  root: string,
  command: readonly string[],
  options: RunOptions = {},
): Promise<RunResult> {
  const env = Object.entries({ ...CHROOT_ENV, ...options.env }).map(
    ([name, value]) => `${name}=${value ?? ''}`,
  );
  const { env: _, ...rest } = options;
  const [program = '', ...args] = confined(['chroot', root, '/usr/bin/env', '-i', ...env, ...command]);
  return sandbox.run(program, args, { foreign: true, ...rest });
}

const CHROOT_ENV = {
  PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
  HOME: '/root',
  LC_ALL: 'C.UTF-8',
  DEBIAN_FRONTEND: 'noninteractive',
  DEBCONF_NONINTERACTIVE_SEEN: 'true',
  SYSTEMD_OFFLINE: '1',
};
