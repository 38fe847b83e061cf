import { copyFileSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { run } from '../../lib/system/process';

/** Stacks the layers of a release in namespaces of its own, with nothing but a loopback interface. */
const STACK = `set -e
mount -t tmpfs none "$1/stack"
cd "$1/stack"
mkdir up work root
lower=
for layer in "$2"/layers/*.squashfs; do
  name=$(basename "$layer" .squashfs)
  mkdir "$name"
  mount -o loop,ro "$layer" "$name"
  lower="$name\${lower:+:$lower}"
done
mount -t overlay overlay -o "lowerdir=$lower,upperdir=up,workdir=work" root
mount -t proc proc root/proc
mount --rbind /sys root/sys
mount --rbind /dev root/dev
mount -t tmpfs none root/run
mkdir -p root/var/lib/docker
mount --bind "$1/data" root/var/lib/docker
mkdir root/run/box
cp "$1"/in/* root/run/box/
ip link set lo up
exec chroot root /bin/sh /run/box/start
`;

/** Docker as the image has it, as far as it runs beside the one of this machine. */
const START = `export PATH=/usr/sbin:/usr/bin:/sbin:/bin
sed -i 's/"overlay2"/"vfs"/' /etc/docker/daemon.json
# By itself dockerd waits for containerd for 15 s only.
containerd >/run/box/containerd 2>&1 &
until [ -S /run/containerd/containerd.sock ]; do sleep 1; done
dockerd --containerd /run/containerd/containerd.sock --iptables=false --bridge=none >/run/box/dockerd 2>&1 &
tries=0
until docker version >/dev/null 2>&1; do
  tries=$((tries + 1))
  if [ "$tries" -gt 120 ]; then cat /run/box/dockerd; exit 1; fi
  sleep 1
done
. /run/box/steps
`;

/**
 * Runs steps of sh in the root of a release, beside its Docker, whose data stay in a folder. They find busybox and the
 * stated files in /run/box.
 *
 * @returns what they printed, line by line
 */
export async function inDockerBox(
  folder: string,
  release: string,
  steps: string,
  files: readonly string[] = [],
): Promise<string[]> {
  for (const name of ['stack', 'data', 'in']) mkdirSync(join(folder, name), { recursive: true });
  writeFileSync(join(folder, 'in/start'), START);
  writeFileSync(join(folder, 'in/steps'), steps);
  for (const file of ['/usr/bin/busybox', ...files])
    copyFileSync(file, join(folder, 'in', file.slice(file.lastIndexOf('/') + 1)));
  const apart = ['--mount', '--net', '--pid', '--ipc', '--fork', '--kill-child', '--propagation', 'private'];
  const { stdout } = await run('unshare', [...apart, 'sh', '-c', STACK, 'sh', folder, release], {
    foreign: true,
    okCodes: [0],
  });
  if (readdirSync(join(folder, 'stack')).length > 0) throw new Error('the mounts of the box are left');
  return stdout.split('\n');
}
