import { minLength, pipe } from 'valibot';
import { HOST_NAME, LAST_SECOND, USER_NAME } from '../limits';
import { isPrivateKey, KEY_URL, PRIVATE_KEY } from '../ssh-key';
import {
  choice,
  either,
  fields,
  fileSystem,
  key,
  list,
  map,
  paths,
  rootPath,
  section,
  size,
  text,
  treated,
  whole,
  yesNo,
} from './kinds';

/** What is in the image and how it is set up. */

const password = () =>
  treated(
    text('locked or a crypt(3) hash, as `openssl passwd -6` prints', /^(locked|\$[0-9a-z]+\$[^\s:]+)$/),
    { secret: true },
  );

const sshKeys = () =>
  treated(
    list(text('a public key, a file of public keys or its URL'), 'a list of public keys, files or URLs'),
    {
      one: [],
      lines: true,
      // A key has blanks, and so may a path have, which then begins like one.
      except: new RegExp(`^(?!~?/|\\.\\.?/)[\\s\\S]*\\s|${KEY_URL.source}`),
      content: (text) => (isPrivateKey(text) ? PRIVATE_KEY : undefined),
    },
  );

/** A part of a host name (RFC 1123). */
const LABEL = '[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?';

const unit = () => list(text('a unit such as docker.service', /^[A-Za-z0-9@:._\\-]+$/), 'a list of units');

/** No argument of a program has one (execve(2)). */
const NO_NUL = /^[^\0]*$/;

const command = either(
  'a list of words, or a string for sh -c',
  pipe(list(text('a word', NO_NUL), 'a list of words'), minLength(1, 'a list of words')),
  text('a string for sh -c', /^[^\0]*[^\0\s][^\0]*$/),
);

export const system = {
  distribution: key(
    text('auto or the name of a distribution'),
    "distribution of the image; auto is the build host's",
    'auto',
  ),
  release: key(
    text('auto or a release such as bookworm', /^[a-z][a-z0-9-]*$/),
    "code name of the distribution's release, if it has releases; auto is the build host's",
    'auto',
  ),
  mirror: key(
    treated(
      either(
        'auto, a URL, a line of sources.list or a list of them',
        choice('auto'),
        list(text('a URL or a line of sources.list', /^(?!auto$)(deb \S.*|\S+)$/), 'a list of URLs'),
      ),
      { one: ['auto'] },
    ),
    "package sources, tried in order; auto is the build host's, on a Debian host with the image's `release` in place of its own. With a URL of a Debian mirror come the release's updates, and its security fixes from the folder debian-security beside it",
    'auto',
  ),
  backports: key(
    yesNo(),
    'Debian: whether the sources have the backports of the release too; packages come from there by name: btrfs-progs/bookworm-backports',
    false,
  ),
  init: key(
    choice('auto', 'none'),
    "auto is the distribution's init, which `packages` have to bring; none is for a root that is never booted",
    'auto',
  ),
  packages: key(
    treated(
      list(
        text('a package name', /^[A-Za-z0-9][A-Za-z0-9@_+.:/~=<>-]*$/),
        'a list of packages, or a file with one per line',
      ),
      {
        lines: true,
      },
    ),
    'packages to install; their dependencies are installed too, what they only recommend is not',
    [],
  ),
  exclude: key(
    treated(
      list(
        text('a path in the image such as /usr/share/doc/*, or ! and one', /^!?\/[^\0\r\n]+$/),
        'a list of paths in the image',
      ),
      { one: [] },
    ),
    'paths in packages that are not installed, a folder with all that is in it; *, ? and […] match as in sh, * also a /; the last pattern that matches a path counts, one with ! in front keeps it',
    [],
  ),
  lock: key(
    treated(text('none or a file', /./), { path: 'file', maybe: true, except: /^none$/ }),
    'file with the exact version of each package to install, written by `gulp lock`; by default next to the last --config file, or in the working directory if that file is one of this package; none ignores it',
    'dock0.lock',
  ),
  epoch: key(
    either(
      'auto or seconds since 1970, up to 4294967295 (2106)',
      choice('auto'),
      whole('seconds since 1970, up to 4294967295 (2106)', 0, LAST_SECOND),
    ),
    'time stamp of every file the build makes; SOURCE_DATE_EPOCH overrides it; auto is the newest build date of the packages',
    'auto',
  ),
  fs: section('The root while it is built', {
    backend: key(
      choice('overlay', 'image'),
      'overlay stacks folders; image mounts a formatted file of a fixed size, as the original dock0 did',
      'overlay',
    ),
    size: key(size(), '`image` backend: size of the file', '4G'),
    type: key(fileSystem(), '`image` backend: file system', 'ext4'),
  }),
  hostname: key(
    text(
      `a host name of at most ${HOST_NAME} letters, digits, - and dots`,
      new RegExp(`^(?=.{1,${HOST_NAME}}$)${LABEL}(\\.${LABEL})*$`),
    ),
    'host name; default: `name`',
  ),
  locale: key(
    text(
      'a locale such as C.UTF-8 or de_DE.UTF-8',
      /^(C|POSIX|C\.UTF-8|C\.utf8|[a-z]{2,3}(_[A-Z]{2})?\.[A-Za-z0-9-]+(@[a-z]+)?)$/,
    ),
    'LANG of the system; one that the distribution does not have ready is generated',
    'C.UTF-8',
  ),
  timezone: key(
    text('a time zone such as Europe/Vienna', /^[A-Za-z0-9_+-]+(\/[A-Za-z0-9_+-]+)*$/),
    'time zone',
    'UTC',
  ),
  keymap: key(text('a console keymap such as de', /^[A-Za-z0-9_.-]+$/), 'console keymap'),
  root: section('The root account', {
    password: key(password(), 'locked, or the hash for /etc/shadow', 'locked'),
    ssh_keys: key(
      sshKeys(),
      'public keys that may log in as root, or files with one per line, or URLs of such files, which `gulp lock` pins',
      [],
    ),
  }),
  users: key(
    map(
      text(
        `a user name of at most ${USER_NAME} lower-case letters, digits, - and _`,
        new RegExp(`^[a-z_][a-z0-9_-]{0,${USER_NAME - 1}}$`),
      ),
      fields({
        ssh_keys: key(
          sshKeys(),
          'public keys that may log in, or files with one per line, or URLs of such files, which `gulp lock` pins',
          [],
        ),
        password: key(password(), 'locked, or the hash for /etc/shadow', 'locked'),
        uid: key(
          whole('a number of a user, 1000 to 59999', 1000, 59999),
          'its number, and that of its own group; default: the first that is free from 1000 on',
        ),
        groups: key(
          list(text('a group', /^[a-z_][a-z0-9_-]{0,31}$/), 'a list of groups'),
          'groups of the image that it is in besides its own, such as docker',
          [],
        ),
        shell: key(rootPath(), 'its shell; default: /bin/bash, or /bin/sh where there is none'),
        sudo: key(yesNo(), 'whether it may run everything with sudo, without a password', false),
      }),
      'a map of users',
    ),
    'users to make, each with a group of its own and a home folder in /home',
    {},
  ),
  ssh: section('The SSH server, if `packages` bring one', {
    passwords: key(yesNo(), 'whether it takes passwords; keys only otherwise', false),
  }),
  units: section('systemd units', {
    enable: key(unit(), 'units to enable', []),
    disable: key(unit(), 'units to disable', []),
    mask: key(unit(), 'units to mask', []),
  }),
  overlay: key(
    paths('a folder', 'folder'),
    'folders to copy onto the root, in order; files belong to root and keep their mode, see `permissions`',
    [],
  ),
  permissions: key(
    map(
      rootPath(),
      fields({
        mode: key(text("an octal mode in quotes, such as '0755'", /^[0-7]{3,4}$/), 'mode'),
        owner: key(
          text(
            'user:group, names or numbers',
            /^([a-z_][a-z0-9_-]{0,31}|\d{1,10}):([a-z_][a-z0-9_-]{0,31}|\d{1,10})$/,
          ),
          'user and group in the image',
        ),
      }),
      'a map of paths in the image',
    ),
    'mode and owner of single paths, set after overlay and templates',
    {},
  ),
  templates: key(
    paths('a folder', 'folder'),
    'folders to copy like `overlay`, each file rendered as an EJS template with the configuration; `.include/` in one is for files that are only included',
    [],
  ),
  scripts: key(
    paths('a folder', 'folder'),
    'folders of executables to run on the build host, ordered by name, with DOCK0_ROOT and DOCK0_CONFIG in the environment',
    [],
  ),
  commands: section('Single commands, run after the scripts', {
    chroot: key(list(command, 'a list of commands'), 'commands to run in the image', []),
    host: key(
      list(command, 'a list of commands'),
      'commands to run on the build host, with the environment of the scripts; files of the build host that they read are not part of the fingerprint, those in a folder of `scripts` are',
      [],
    ),
    network: key(
      yesNo(),
      'whether scripts and commands reach the network; what they fetch is not part of the fingerprint',
      false,
    ),
  }),
  cleanup: section('What is removed at the end', {
    users: key(
      list(
        text(
          `a user name of at most ${USER_NAME} letters`,
          new RegExp(`^(?=.{1,${USER_NAME}}$)[a-z_][a-z0-9_-]*\\$?$`),
        ),
        'a list of users',
      ),
      'users to remove',
      [],
    ),
    paths: key(
      list(rootPath(), 'a list of paths in the image'),
      'paths to remove; *, ? and […] match as in sh',
      [],
    ),
    packages: key(
      list(text('a package name', /^[A-Za-z0-9][A-Za-z0-9@_+.:-]*$/), 'a list of packages'),
      'packages to remove',
      [],
    ),
  }),
};
