import { chownSync } from 'node:fs';
import { RESOLVER } from '../config/address';
import { hostKeyOf } from '../config/ssh-host-key';
import { isZoneFile } from '../config/zone-file';
import { Dock0Error } from '../error';
import { dockerFiles } from './docker';
import type { Programs, Settings } from './inputs';
import { journalFiles, PRUNE } from './logs';
import { machineFiles, machineUnits } from './machine';
import { dockerNetworkFile, dockerUnit, waitOnlineFiles } from './online';
import { fileInRoot, inRoot, realInRoot } from './path';
import { resolverFiles } from './resolver';
import { timeFiles, timeUnits } from './time';
import { link, type Placed, place, readInRoot, textFile } from './tree';

/**
 * The files that the settings of the system as a whole come to; the same for all hosts.
 *
 * @param packages what is installed in the root
 * @param programs the programs of ours that the machine runs
 */
export function systemFiles(
  config: Settings,
  root: string,
  packages: readonly { name: string; version: string }[],
  programs: Programs,
): Placed[] {
  const has = (path: string): boolean => realInRoot(root, path) !== undefined;
  const resolver = has('usr/lib/systemd/systemd-resolved');
  const unit = readInRoot(root, 'usr/lib/systemd/system/docker.service');
  const zone = `/usr/share/zoneinfo/${config.timezone}`;
  // UTC needs no zone file (tzset(3)), and a small image has none.
  const zoneFile = fileInRoot(root, zone);
  if (config.timezone !== 'UTC' && (zoneFile === undefined || !isZoneFile(zoneFile))) {
    throw new Dock0Error(`timezone: the image has no time zone ${zone}`, {
      hint: 'Correct the name; Debian has old names in the package tzdata-legacy.',
    });
  }
  return [
    textFile('etc/locale.conf', `LANG=${config.locale}\n`),
    ...(has('etc/default') ? [textFile('etc/default/locale', `LANG=${config.locale}\n`)] : []),
    ...(config.timezone === 'UTC'
      ? []
      : [link('etc/localtime', `..${zone}`), textFile('etc/timezone', `${config.timezone}\n`)]),
    ...(config.keymap === undefined ? [] : [textFile('etc/vconsole.conf', `KEYMAP=${config.keymap}\n`)]),
    ...(resolver
      ? [link('etc/resolv.conf', '../run/systemd/resolve/stub-resolv.conf'), ...resolverFiles()]
      : []),
    ...(has(WAIT_ONLINE) ? waitOnlineFiles(`/${WAIT_ONLINE}`) : []),
    ...(has('usr/sbin/sshd')
      ? [
          textFile('etc/ssh/sshd_config.d/10-dock0.conf', sshdConfig(config.ssh)),
          textFile(`etc/systemd/system/${HOST_KEYS_SERVICE}`, HOST_KEYS_UNIT),
          { path: HOST_KEYS_PROGRAM, source: programs['ssh-host-keys'], kind: 'file', mode: 0o755 } as const,
          ...OTHER_KEY_SERVICES.filter((unit) => has(`usr/lib/systemd/system/${unit}`)).map((unit) =>
            link(`etc/systemd/system/${unit}`, '/dev/null'),
          ),
        ]
      : []),
    ...(has('usr/lib/systemd/systemd-journald') ? journalFiles(config.logs) : []),
    ...hostKeyFiles(config.hostKeys),
    ...dockerFiles(config, packages, resolver ? RESOLVER : undefined),
    ...(config.docker.enabled && unit !== undefined ? dockerUnit(unit) : []),
    ...(config.docker.enabled && has('usr/lib/systemd/systemd-networkd') ? [dockerNetworkFile()] : []),
    ...timeFiles(config),
    ...(has('usr/lib/systemd/systemd') ? machineFiles(config, programs) : []),
  ];
}

/** The units that the configuration needs enabled, besides those it names. */
export function neededUnits(config: Settings, root: string, files: Placed[]): string[] {
  const has = (unit: string): boolean => realInRoot(root, `usr/lib/systemd/system/${unit}`) !== undefined;
  return [
    // Without DHCP it reads the files that an overlay brings.
    ...(has('systemd-networkd.service') ? ['systemd-networkd.service'] : []),
    ...(has('systemd-resolved.service') ? ['systemd-resolved.service'] : []),
    ...(files.some(({ path }) => path.endsWith(HOST_KEYS_SERVICE)) ? [HOST_KEYS_SERVICE] : []),
    ...(config.docker.enabled && has('docker.service') ? ['docker.service'] : []),
    ...(files.some(({ path }) => path.endsWith(`${PRUNE}.timer`)) ? [`${PRUNE}.timer`] : []),
    ...machineUnits(files),
    ...timeUnits(config, has),
  ];
}

/**
 * Sets root's password (shadow(5)): a hash, or `!*`, which no password matches. Where no package made an entry for root in
 * /etc/shadow, /etc/passwd has `*` in its place, which locks it too; a hash gets an entry.
 */
export function setRootPassword(root: string, password: string): void {
  const shadow = readInRoot(root, SHADOW) ?? '';
  const field = password === 'locked' ? '!*' : password;
  if (/^root:/m.test(shadow))
    writeShadow(
      root,
      shadow,
      shadow.replace(/^root:[^:]*:/m, () => `root:${field}:`),
    );
  else if (password !== 'locked') {
    const passwd = readInRoot(root, PASSWD);
    if (passwd === undefined) return;
    place(root, [textFile(PASSWD, passwd.replace(/^root:[^:]*:/m, 'root:x:'))]);
    writeShadow(root, shadow, `${shadow}root:${field}:::::::\n`);
  }
}

const [PASSWD, SHADOW] = ['etc/passwd', 'etc/shadow'];

function writeShadow(root: string, before: string, text: string): void {
  if (text === before) return;
  const group = /^shadow:[^:]*:(\d+):/m.exec(readInRoot(root, 'etc/group') ?? '')?.[1];
  place(root, [textFile(SHADOW, text, group === undefined ? 0o600 : 0o640)]);
  if (group !== undefined) chownSync(inRoot(root, SHADOW), 0, Number(group));
}

/** root's authorized_keys; nothing when there are no keys. */
export function sshKeys(keys: string[]): Placed[] {
  if (keys.length === 0) return [];
  return [
    { path: 'root', source: 'root', kind: 'folder', mode: 0o700 },
    { path: 'root/.ssh', source: 'root/.ssh', kind: 'folder', mode: 0o700 },
    textFile('root/.ssh/authorized_keys', keys.map((line) => `${line.trim()}\n`).join(''), 0o600),
  ];
}

/** Host keys that were handed in, with their public ones; the machine makes those of other types itself. */
export function hostKeyFiles(keys: readonly string[]): Placed[] {
  const files = keys.flatMap((text) => {
    const key = hostKeyOf(text);
    if (typeof key === 'string') throw new Dock0Error(`state.ssh_host_keys: ${key}`);
    return [
      textFile(`etc/ssh/${key.name}`, `${text.trim().replaceAll('\r\n', '\n')}\n`, 0o600),
      textFile(`etc/ssh/${key.name}.pub`, `${key.publicKey}\n`),
    ];
  });
  return files.length === 0
    ? []
    : [{ path: 'etc/ssh', source: 'etc/ssh', kind: 'folder', mode: 0o755 }, ...files];
}

/**
 * What belongs to one machine: its name.
 *
 * @param isShared whether the layer that all hosts share has a path, or removes it: the user's own /etc/hosts stays
 */
export function hostFiles(hostname: string, isShared: (path: string) => boolean): Placed[] {
  const short = hostname.split('.')[0];
  const names = short === hostname ? short : `${hostname} ${short}`;
  const name = textFile('etc/hostname', `${hostname}\n`);
  if (isShared('etc/hosts')) return [name];
  const addresses = `127.0.0.1\tlocalhost\n127.0.1.1\t${names}\n::1\tlocalhost ip6-localhost ip6-loopback\n`;
  return [name, textFile('etc/hosts', addresses)];
}

/** The first value of a keyword counts (sshd_config(5)), and distributions include the folder before their own. */
function sshdConfig({ passwords }: Settings['ssh']): string {
  const answer = passwords ? 'yes' : 'no';
  return `PasswordAuthentication ${answer}\nKbdInteractiveAuthentication ${answer}\n`;
}

const WAIT_ONLINE = 'usr/lib/systemd/systemd-networkd-wait-online';

const HOST_KEYS_PROGRAM = 'usr/lib/dock0/ssh-host-keys';
const HOST_KEYS_SERVICE = 'dock0-host-keys.service';
/** What distributions have for it; beside ours two programs would write the same files. */
const OTHER_KEY_SERVICES = ['sshdgenkeys.service', 'sshd-keygen.service'];
const HOST_KEYS_UNIT = `[Unit]
Description=Make the SSH host keys that are missing, and keep them
Before=ssh.service sshd.service

[Service]
Type=oneshot
ExecStart=/${HOST_KEYS_PROGRAM}
RemainAfterExit=yes

[Install]
WantedBy=multi-user.target
`;
