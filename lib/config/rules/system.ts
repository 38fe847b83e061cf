import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { safeParse } from 'valibot';
import { system } from '../keys/system';
import { FILE_NAME, LAST_ID, LEAST_BYTES, LEAST_MEMORY, MOST_FILE_BYTES, PATH, UNIT_NAME } from '../limits';
import { meant, type Wrong } from '../problems';
import type { Config } from '../schema';
import { parseSize } from '../size';
import { isKeyUrl, sshKeyProblem } from '../ssh-key';
import { didYouMean } from '../suggest';
import { expectationOf } from '../walk';
import { isZoneFile } from '../zone-file';
import { bracketProblem } from './patterns';
import { takesSystem } from './places';
import { type Checked, found, isStated, isWithin, plainPath } from './rule';

/** The name of the build, where it is the host name, too: fewer texts are one. */
export function checkHostName(checked: Checked): void {
  const { config, wrong } = checked;
  const { hostname } = system;
  if (isStated(checked, ['hostname']) || safeParse(hostname, config.name).success) return;
  wrong(
    ['name'],
    `expected ${expectationOf(hostname)}, found ${found(checked, ['name'])}: it is the host name, too, without the key hostname`,
  );
}

/** Time zones, by those that Node knows and those of the build host. */
export function checkTimezone({ config, wrong }: Checked): void {
  const { timezone } = config;
  if (timezone === 'UTC' || isZone(timezone) || isZoneFile(`/usr/share/zoneinfo/${timezone}`)) return;
  const zones = Intl.supportedValuesOf('timeZone');
  const near = didYouMean(timezone, zones) ?? zones.find((zone) => zone.split('/').at(-1) === timezone);
  wrong(
    ['timezone'],
    `expected a time zone such as Europe/Vienna, found ${JSON.stringify(timezone)}${meant(near)}`,
  );
}

function isZone(name: string): boolean {
  try {
    // Names in any case are fine to it, but no file is found by them.
    const { timeZone } = new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions();
    return timeZone === name || timeZone.toLowerCase() !== name.toLowerCase();
  } catch {
    return false;
  }
}

/** The lengths of the hashes that crypt(3) makes. */
const HASHES: readonly (readonly [RegExp, RegExp, string])[] = [
  [/^\$6\$/, /^\$6\$(rounds=\d+\$)?[./0-9A-Za-z]{1,16}\$[./0-9A-Za-z]{86}$/, 'SHA-512'],
  [/^\$5\$/, /^\$5\$(rounds=\d+\$)?[./0-9A-Za-z]{1,16}\$[./0-9A-Za-z]{43}$/, 'SHA-256'],
  [/^\$1\$/, /^\$1\$[./0-9A-Za-z]{1,8}\$[./0-9A-Za-z]{22}$/, 'MD5'],
  [/^\$2[abxy]\$/, /^\$2[abxy]\$\d\d\$[./0-9A-Za-z]{53}$/, 'bcrypt'],
  [/^\$(y|gy|7)\$/, /^\$(y|gy|7)\$[./0-9A-Za-z]+\$[./0-9A-Za-z]{1,86}\$[./0-9A-Za-z]{43}$/, 'yescrypt'],
];

/** Checks how root may log in. */
export function checkRoot({ config, wrong, warn }: Checked): void {
  const accounts: [string[], Pick<Config['root'], 'password' | 'ssh_keys'>][] = [
    [['root'], config.root],
    ...Object.entries(config.users).map(([name, user]): [string[], typeof user] => [['users', name], user]),
  ];
  for (const [keys, account] of accounts) checkAccount(keys, account, wrong);
  const open = accounts.some(([, { password, ssh_keys }]) => password !== 'locked' || ssh_keys.length > 0);
  if (!open && !letsSomebodyIn(config))
    warn(['root'], 'nobody can log in: ssh_keys is empty and the password is locked');
}

function checkAccount(
  keys: readonly string[],
  { password, ssh_keys: lines }: Pick<Config['root'], 'password' | 'ssh_keys'>,
  wrong: Wrong,
): void {
  for (const [at, line] of lines.entries()) {
    const problem = isKeyUrl(line) ? urlProblem(line) : sshKeyProblem(line);
    if (problem !== undefined) wrong([...keys, 'ssh_keys', String(at)], problem);
  }
  if (password === 'locked') return;
  const kind = HASHES.find(([begins]) => begins.test(password));
  if (kind === undefined)
    wrong([...keys, 'password'], 'expected a hash of a kind that crypt(3) has, such as $6$ or $y$');
  else if (!kind[1].test(password))
    wrong(
      [...keys, 'password'],
      `expected a whole ${kind[2]} hash; in a shell, $ has to be in single quotes`,
    );
}

/** The address is in the lock file and in messages. */
function urlProblem(address: string): string | undefined {
  if (!URL.canParse(address)) return `expected a URL, found ${JSON.stringify(address)}`;
  const { username, password } = new URL(address);
  return username + password === '' ? undefined : 'expected a URL without a name and a password in it';
}

/** Checks that users are users of their own. */
export function checkUsers({ config, wrong }: Checked): void {
  const numbers = new Map<number, string>();
  for (const [name, { uid, groups }] of Object.entries(config.users)) {
    const keys = ['users', name];
    if (name === 'root') wrong(keys, 'expected another name: the key `root` is for root');
    const twin = uid === undefined ? undefined : numbers.get(uid);
    if (twin !== undefined)
      wrong([...keys, 'uid'], `expected a number of its own, found ${uid}, which users.${twin} has`);
    if (uid !== undefined) numbers.set(uid, name);
    for (const [at, group] of groups.entries())
      if (groups.indexOf(group) < at)
        wrong(
          [...keys, 'groups', String(at)],
          `expected each group once, found ${JSON.stringify(group)} twice`,
        );
  }
}

/** Whether an overlay may bring accounts or keys, or a script or command may make them. */
function letsSomebodyIn({ overlay, templates, scripts, commands }: Config): boolean {
  if (scripts.length + commands.chroot.length + commands.host.length > 0) return true;
  const files = ['root/.ssh', 'home', 'etc/passwd', 'etc/shadow', 'etc/ssh'];
  return [...overlay, ...templates].some((folder) => files.some((file) => existsSync(join(folder, file))));
}

/** The types of units (systemd.unit(5)). */
const UNIT_TYPES = 'service socket device mount automount swap target path timer slice scope'.split(' ');

/** The units that set the time, and say when it is set, where no other program does. */
const OF_TIME = ['systemd-timesyncd.service', 'systemd-time-wait-sync.service'];

/** Checks the names of units, and that none is to be two things at once. */
export function checkUnits({ config, wrong }: Checked): void {
  const seen = new Map<string, string>();
  for (const verb of ['enable', 'disable', 'mask'] as const) {
    for (const [at, unit] of config.units[verb].entries()) {
      const keys = ['units', verb, String(at)];
      const [, type] = /\.([^.@]*)$/.exec(unit) ?? [];
      const shown = JSON.stringify(unit);
      const near = type === undefined || UNIT_TYPES.includes(type) ? undefined : didYouMean(type, UNIT_TYPES);
      if (near !== undefined) {
        const right = unit.replace(/[^.]*$/, near);
        wrong(keys, `expected a unit such as docker.service, found ${shown}${meant(right)}`);
      } else if (Buffer.byteLength(unit) > UNIT_NAME)
        wrong(keys, `expected a name of at most ${UNIT_NAME} letters, found ${unit.length}`);
      const full = type !== undefined && UNIT_TYPES.includes(type) ? unit : `${unit}.service`;
      const other = seen.get(full);
      if (other !== undefined && other !== verb)
        wrong(keys, `expected a unit in one list, found ${shown} in units.${other} too`);
      seen.set(full, verb);
      if (
        verb === 'mask' &&
        config.time.wait &&
        OF_TIME.includes(full) &&
        !config.packages.includes('chrony')
      )
        wrong(keys, `expected no ${unit}: time.wait has Docker wait for the time that it sets`);
    }
  }
}

/** Folders of the image that are empty, or something else, whenever a machine runs it. */
export const NOT_KEPT = ['/run', '/tmp', '/proc', '/sys', '/dev'];

/** Checks the paths whose mode, owner or absence is stated. */
export function checkPaths(checked: Checked): void {
  const { config, wrong } = checked;
  for (const [path, { mode, owner }] of Object.entries(config.permissions)) {
    const keys = ['permissions', path];
    if (mode === undefined && owner === undefined) wrong(keys, 'expected mode, owner or both, found neither');
    checkPath(path, keys, checked);
    for (const id of owner?.split(':') ?? []) {
      if (/^\d+$/.test(id) && Number(id) > LAST_ID)
        wrong([...keys, 'owner'], `expected an id of at most ${LAST_ID}, found ${id}`);
    }
  }
  for (const [at, pattern] of config.cleanup.paths.entries()) {
    const keys = ['cleanup', 'paths', String(at)];
    if (plainPath(pattern) === '/') wrong(keys, 'expected a path below /, found "/": all of the image');
    else if (takesSystem(pattern))
      wrong(keys, `expected paths that a machine can start without, found ${JSON.stringify(pattern)}`);
    else checkPath(pattern, keys, checked);
    const problem = bracketProblem(pattern);
    if (problem !== undefined) wrong(keys, `${problem}, found ${JSON.stringify(pattern)}`);
  }
  for (const [name, { path }] of Object.entries(config.volumes))
    checkLength(path, ['volumes', name, 'path'], checked);
}

function checkPath(path: string, keys: readonly string[], checked: Checked): void {
  checkLength(path, keys, checked);
  const plain = plainPath(path);
  const folder = NOT_KEPT.find((each) => isWithin(each, plain));
  if (folder !== undefined && plain !== folder)
    checked.wrong(keys, `has no effect: what is below ${folder} is no part of the image`);
}

function checkLength(path: string, keys: readonly string[], { wrong }: Checked): void {
  const longest = Math.max(...path.split('/').map((name) => Buffer.byteLength(name)));
  if (longest > FILE_NAME)
    wrong(keys, `expected names of at most ${FILE_NAME} bytes, found one of ${longest}`);
  else if (Buffer.byteLength(path) > PATH)
    wrong(keys, `expected a path of at most ${PATH} bytes, found one of ${Buffer.byteLength(path)}`);
}

/** The smallest and largest file systems that can be made. */
export function checkSizes({ config, wrong }: Checked): void {
  const { fs, install, verify } = config;
  const between = (keys: string[], size: string, least: number, of: string): void => {
    const bytes = parseSize(size);
    if (bytes < least) wrong(keys, `expected at least ${least / 2 ** 20}M for ${of}, found ${size}`);
    else if (bytes > MOST_FILE_BYTES)
      wrong(keys, `expected at most ${MOST_FILE_BYTES / 2 ** 40}T, found ${size}`);
  };
  if (fs.backend === 'image') between(['fs', 'size'], fs.size, LEAST_BYTES[fs.type], fs.type);
  if (install.target === 'image' && install.size !== 'auto')
    between(['install', 'size'], install.size, LEAST_BYTES.ext4, 'the disk image');
  between(['verify', 'memory'], verify.memory, LEAST_MEMORY, 'a machine');
}
