import { execFileSync } from 'node:child_process';
import { chmodSync, linkSync, lstatSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { forgetInstallation } from '../../../lib/distributions/arch/tidy';
import { forgetTheBuild } from '../../../lib/distributions/debian/install';
import { removal } from '../../../lib/distributions/debian/removal';
import type { Distribution } from '../../../lib/distributions/provider';
import type { Sandbox } from '../../../lib/system/sandbox';
import { busybox } from '../../fixtures/distributions/busybox';
import type { Case, Thing } from './things';

const script = (text: string): { text: string; mode: number } => ({
  text: `#!/bin/sh\n${text}\n`,
  mode: 0o755,
});
const text = (content: string): { text: string; mode: number } => ({ text: content, mode: 0o644 });

/** What the image has besides busybox, so that nothing which a build does is left out for want of its files. */
const IMAGE: Record<string, { text: string; mode: number }> = {
  ...Object.fromEntries(
    ['systemctl', 'userdel', 'dpkg'].map((name) => [`usr/bin/${name}`, script('exit 0')]),
  ),
  'etc/passwd': text('root:x:0:0:root:/root:/bin/sh\n'),
  'etc/group': text('root:x:0:\nshadow:x:42:\n'),
  'etc/shadow': text('root:*:1:0:99999:7:::\n'),
  'etc/gshadow': text('root:*::\nshadow:*::\n'),
  'usr/bin/sudo': script('exit 0'),
  ...Object.fromEntries(
    [
      ...['etc/passwd-', 'etc/.pwd.lock', 'etc/default/locale', 'etc/ssh/ssh_host_rsa_key', 'etc/machine-id'],
      ...['etc/hostname', 'etc/resolv.conf', 'etc/fstab', 'etc/apt/sources.list', 'etc/apt/sources.list.d/x'],
      ...['etc/pacman.d/gnupg/x', 'etc/systemd/system/x.service', 'etc/docker/x', 'boot/vmlinuz', 'tmp/x'],
      ...['run/x', 'root/.ssh/known_hosts', 'srv/removed/x', 'var/log/wtmp', 'var/log/dpkg.log'],
      ...['var/log/apt/history.log', 'var/log/pacman.log', 'var/cache/apt/x', 'var/cache/ldconfig/aux-cache'],
      ...['var/tmp/x', 'var/lib/dbus/machine-id', 'var/lib/systemd/random-seed', 'var/lib/docker/x'],
      ...['usr/sbin/sshd', 'usr/lib/systemd/systemd-resolved', 'usr/lib/systemd/system/docker.service'],
      ...['usr/lib/systemd/system/systemd-networkd.service'],
      ...['usr/lib/modules/1.0/x'],
    ].map((path) => [path, text('x\n')]),
  ),
  'usr/share/zoneinfo/Europe/Vienna': text('TZif2\n'),
  'var/lib/dpkg/status': text('Package: x\nStatus: install ok installed\n'),
  'var/lib/pacman/local/x-1-1/desc': text('%INSTALLDATE%\n1\n'),
};

/** Without these, no unit has to be enabled, so nothing is mounted in the root. */
const UNITS = /^usr\/(sbin\/sshd|lib\/systemd\/)/;

/** The pipes and devices that packages have, made once: a copy is quicker than a process for each. */
export async function makeSpecials(folder: string): Promise<void> {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  execFileSync('mkfifo', [join(folder, 'fifo')]);
  execFileSync('mknod', [join(folder, 'zeros'), 'c', '1', '5']);
  execFileSync('mknod', [join(folder, 'disk'), 'b', '7', '250']);
  // A socket's name goes when its server does; the second name stays.
  const server = createServer();
  await new Promise<void>((done) => server.listen(join(folder, 's'), done));
  linkSync(join(folder, 's'), join(folder, 'socket'));
  await new Promise((done) => server.close(done));
}

/** The fixture distribution with one more package, which has hostile things; both real distributions tidy up after it. */
export function hostileDistribution(specials: string, current: () => Order): Distribution {
  return {
    ...busybox,
    settings: () => ({ order: JSON.parse(JSON.stringify(current())) }),
    install: async (packages, root, sandbox, context) => {
      await busybox.install(packages, root, sandbox, context);
      const inside = sandbox.path(root);
      for (const name of ['chown', 'id']) symlinkSync('busybox', join(inside, 'bin', name));
      const { way, permit, case: hostile } = current();
      for (const [path, { text, mode }] of Object.entries(IMAGE))
        if (way === 'programs' || permit || !UNITS.test(path)) write(join(inside, path), text, mode);
      for (const { path, thing } of hostile.things) await put(inside, root, path, thing, specials, sandbox);
      forgetTheBuild(inside);
      await forgetInstallation(sandbox, root, context.epoch);
    },
    removal: { ...removal, command: ['/usr/bin/dpkg', '--purge'] },
  };
}

async function put(
  inside: string,
  root: string,
  path: string,
  thing: Thing,
  specials: string,
  sandbox: Sandbox,
): Promise<void> {
  const target = join(inside, path);
  // As packages are unpacked: nothing goes below a link.
  for (let at = dirname(path); at !== '.'; at = dirname(at))
    if (lstatSync(join(inside, at), { throwIfNoEntry: false })?.isDirectory() === false) return;
  rmSync(target, { recursive: true, force: true });
  mkdirSync(dirname(target), { recursive: true });
  if (thing.kind === 'link') symlinkSync(thing.to, target);
  else if (thing.kind === 'file') writeFileSync(target, 'a file\n');
  else if (thing.kind === 'folder') write(join(target, 'x'), 'x\n', 0o644);
  else if (thing.kind === 'loop') {
    rmSync(`${target}.loop`, { recursive: true, force: true });
    symlinkSync(`${path.split('/').at(-1)}.loop`, target);
    symlinkSync(path.split('/').at(-1) as string, `${target}.loop`);
  } else await sandbox.run('cp', ['--archive', '--', join(specials, thing.kind), join(root, path)]);
}

/** Writes the files of the project; `configurations` names them. */
export function writeHostileProject(folder: string): void {
  for (const name of ['plain', 'rendered', 'host']) {
    const files = [
      'etc/plain',
      'etc/fstab',
      'etc/docker/more',
      'etc/systemd/system/x.service',
      'etc/systemd/system/y.service',
      'boot/x',
      `srv/${name}`,
    ];
    for (const path of [
      ...files,
      'tmp/overlay',
      'run/overlay',
      'dev/overlay',
      'usr/lib/overlay',
      'var/log/x',
    ])
      write(join(folder, name, path), `${name}\n`, 0o644);
  }
  write(join(folder, 's/10-script'), '#!/bin/sh\necho x > "$DOCK0_ROOT/by-script"\n', 0o755);
  write(join(folder, 'hook'), '#!/bin/sh\necho x > "$DOCK0_OUT/by-hook"\n', 0o755);
  write(join(folder, 'vmlinuz'), 'no kernel, but a file\n', 0o644);
  write(join(folder, 'modules/1.0/modules.order'), '', 0o644);
  write(join(folder, 'modules/1.0/modules.builtin'), '', 0o644);
  write(join(folder, 'modules/1.0/build/Makefile'), '', 0o644);
}

/** Which way a root is built: with settings and files only, or also with scripts and programs of the image. */
export type Way = 'settings' | 'programs';

/** What to build. */
export interface Order {
  case: Case;
  way: Way;
  /** Whether `permissions` names the hostile paths: where one does not exist, nothing after it is looked at. */
  permit: boolean;
  /** Whether the root is an image. */
  image: boolean;
}

/** Fails where a device node that a package brought opens a device. */
const UNOPENED = '[ ! -c /srv/device ] || ! (: < /srv/device) 2> /dev/null';

/** Writes `dock0.yaml` and the host's file, with every key that touches a root. */
export function configure(folder: string, { way, permit, image, case: { things } }: Order): void {
  const paths = things.slice(0, 20).map(({ path }) => `/${path}`);
  const programs = way === 'programs';
  const owner = programs ? { owner: 'root:shadow' } : {};
  const keys = {
    hostname: 'hostile',
    locale: 'POSIX',
    timezone: permit || things.length > 1 ? 'UTC' : 'Europe/Vienna',
    keymap: 'de',
    users: {
      me: {
        ssh_keys: ['ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAINmnDD/LfjmvKFm6iTsH/dcI2F4cljSom5Z0DjRFGmQu x'],
        groups: ['shadow'],
        sudo: true,
      },
    },
    root: {
      password:
        '$6$salt$egUxKNxDs8kPfh8iPMNcosMhb2eWah6d3R44JDm5Rj/j/XWR5E33QPd0YmHXoDHOIDR6kL5D3JcQcz0O8FHE00',
      ssh_keys: ['ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAINmnDD/LfjmvKFm6iTsH/dcI2F4cljSom5Z0DjRFGmQu x'],
    },
  };
  const customization = (gone: readonly string[]) => ({
    permissions: Object.fromEntries(
      (permit ? paths : ['/etc/plain']).map((path) => [path, { mode: '0700', ...owner }]),
    ),
    cleanup: { paths: ['/srv/deleted', ...paths.map((path) => `${path}/*`), ...gone] },
  });
  // What the host's own layer is to change has to be left there.
  const shared = customization(permit ? [] : paths.slice(0, 1));
  write(
    join(folder, 'dock0.yaml'),
    JSON.stringify({
      ...{ name: 'tiny', distribution: 'busybox', packages: ['busybox'], lock: 'none', ...keys },
      ...{ overlay: ['./plain'], templates: ['./rendered'], network: { dhcp: true } },
      docker: {
        storage: { driver: 'devicemapper', device: '/dev/vdb', path: '/var/lib/docker', volume: 'docker' },
        daemon: { debug: true },
      },
      volumes: { docker: { label: 'docker', path: '/var/lib/docker' }, data: { label: 'x', path: '/data' } },
      kernel: { provider: 'file', file: './vmlinuz', modules: './modules' },
      fs: { backend: image ? 'image' : 'overlay', size: '48M' },
      squash: { layout: programs ? 'single' : 'layered', compression: 'lz4', level: 1 },
      install: { target: 'directory', releases: 1 },
      initramfs: { compression: 'none', modules: [] },
      ...(programs
        ? {
            ...shared,
            cleanup: { ...shared.cleanup, users: [], packages: ['x'] },
            scripts: ['./s'],
            commands: { chroot: ['echo x > /by-chroot', UNOPENED], host: ['echo x > "$DOCK0_ROOT/by-host"'] },
            units: { enable: ['x.service'], disable: ['y.service'], mask: ['z.service'] },
            hooks: { 'post-customize': ['./hook'], 'pre-squash': ['./hook'] },
          }
        : shared),
    }),
    0o644,
  );
  const own = { ...keys, hostname: 'host.example', locale: 'C.UTF-8', keymap: 'us', overlay: ['../../host'] };
  write(
    join(folder, 'configs/hosts/tiny.yaml'),
    JSON.stringify({ ...own, root: { password: 'locked' }, ...customization(paths.slice(0, 1)) }),
    0o644,
  );
}

function write(path: string, content: string, mode: number): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content);
  chmodSync(path, mode);
}
