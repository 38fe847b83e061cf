import { KERNEL_SUFFIX } from '../limits';
import {
  choice,
  either,
  fields,
  key,
  list,
  map,
  paths,
  required,
  section,
  text,
  treated,
  whole,
} from './kinds';

const source = section('Where the source comes from: exactly one of version, url, file, directory, debian', {
  version: key(
    text(
      'a version such as "6.12.3" (in quotes), stable, longterm or mainline',
      /^(\d+(\.\d+){1,2}(-rc\d+)?|stable|longterm|mainline)$/,
    ),
    'version from kernel.org; stable, longterm or mainline takes the newest one of that kind',
  ),
  url: key(text('an http or https URL', /^https?:\/\/\S+$/), 'URL of a tarball'),
  file: key(treated(text('a tarball'), { path: 'file', provider: 'source' }), 'tarball on this machine'),
  directory: key(
    treated(text('a folder'), { path: 'folder', provider: 'source' }),
    'unpacked source on this machine, which is never written to',
  ),
  debian: key(
    text('a package such as linux-source', /^[a-z0-9][a-z0-9+.-]+$/),
    "Debian package that holds the tarball, from the image's `mirror` (for Arch: the build host's apt sources); linux-source is that of the release's own Linux",
  ),
  sha256: key(text('64 hexadecimal digits', /^[0-9a-f]{64}$/), 'SHA-256 of the tarball'),
  signature: key(
    treated(text('a signature file or an http or https URL'), {
      path: 'file',
      provider: 'source',
      except: /^https?:\/\//,
    }),
    'detached OpenPGP signature of the tarball or, as on kernel.org, of the tar file in it',
  ),
  keys: key(
    paths('an OpenPGP key file', 'file', { provider: 'source' }),
    'keys whose signatures are accepted',
    [],
  ),
  releases: key(
    text('an http or https URL', /^https?:\/\/\S+$/),
    "kernel.org's list of releases, or a copy of it",
    'https://www.kernel.org/releases.json',
  ),
  mirror: key(
    text('an http or https URL', /^https?:\/\/\S+$/),
    '`version`: folder that holds v6.x/linux-*.tar.xz and so on',
    'https://cdn.kernel.org/pub/linux/kernel',
  ),
});

/** Words that other formats have for y and n; the kernel's configuration would take them for texts. */
const slips = { yes: 'y', on: 'y', true: 'y', no: 'n', off: 'n', false: 'n', module: 'm' };

const option = treated(
  either(
    'y, m, n, a string or a whole number',
    text('y, m, n or a string', /^(?!(yes|on|true|no|off|false|module)$)/i),
    whole('a whole number', Number.MIN_SAFE_INTEGER),
  ),
  { slips },
);

/** The kernel: the distribution's, one built from source, or one that exists. */
export const kernel = section('The kernel', {
  provider: key(
    choice('package', 'source', 'file'),
    "package is the distribution's, source builds one, file uses existing files",
    'package',
  ),
  package: key(
    text('auto or a package name', /^[a-z0-9][a-z0-9@_+.-]*(\/[a-z0-9.-]+)?$/),
    "`package` provider: the package; auto is the distribution's smallest for virtual machines and servers",
    'auto',
  ),
  file: key(
    treated(text('a kernel image'), { path: 'file', provider: 'file' }),
    '`file` provider: bootable image (vmlinuz)',
  ),
  modules: key(
    treated(text('none or a folder'), { path: 'folder', provider: 'file', except: /^none$/ }),
    '`file` provider: folder with `<version>/modules.dep` and the modules, such as /lib/modules',
    'none',
  ),
  config_file: key(
    treated(text('a file'), { path: 'file', provider: 'file' }),
    "`file` provider: the kernel's .config, checked for what the image needs",
  ),
  cmdline: key(
    list(text('a word of visible ASCII letters, without blanks', /^[!-~]+$/), 'a list of words'),
    'kernel command line; the build adds its own words at the end',
    ['quiet'],
  ),
  source,
  base: key(
    treated(text('tiny, allno, def, running or a .config file'), {
      path: 'file',
      provider: 'source',
      except: /^(tiny|allno|def|running)$/,
    }),
    '`source` provider: configuration to start from',
    'allno',
  ),
  fragments: key(
    paths('a fragment', 'file', {
      provider: 'source',
      shipped: { folder: 'configs/kernel', extension: '.config' },
    }),
    '`source` provider: configuration fragments to add, the last one wins; a bare name such as docker is one of configs/kernel in this package',
    [],
  ),
  options: key(
    map(
      text('a kernel option such as CONFIG_VETH', /^(CONFIG_)?[A-Za-z0-9_]+$/),
      option,
      'a map of kernel options',
    ),
    '`source` provider: single options, on top of the fragments; CONFIG_ may be omitted',
    {},
  ),
  patches: key(
    paths('a patch or folder of patches', 'any', { provider: 'source' }),
    '`source` provider: unified diffs to apply, or executables to run in the source tree, in order',
    [],
  ),
  revision: key(
    text(
      `at most ${KERNEL_SUFFIX} letters, digits, ., _, + and -`,
      new RegExp(`^[A-Za-z0-9._+-]{0,${KERNEL_SUFFIX}}$`),
    ),
    "`source` provider: suffix of the kernel's version (its local version)",
    '-dock0',
  ),
  make: section('`source` provider: how make runs', {
    launcher: key(
      text('auto, none or a command', /^[\w./][\w./+-]*$/),
      'command that starts each compiler, such as distcc; auto is ccache if it is installed',
      'auto',
    ),
    jobs: key(
      either('auto or a number of jobs', choice('auto'), whole('a number of jobs', 1)),
      'compilers to run in parallel; auto is one per core',
      'auto',
    ),
  }),
});

const repository = fields({
  name: required(
    text('a repository name', /^(?!(options|local)$)[A-Za-z0-9][A-Za-z0-9@._+-]*$/),
    'name, as in pacman.conf',
  ),
  server: required(
    treated(
      list(
        text('a URL, with $repo and $arch for their values', /^(https?|file):\/\/\S+$/),
        'a URL, with $repo and $arch for their values, or a list of them',
      ),
      { one: [] },
    ),
    'servers, tried in order',
  ),
  sig_level: key(
    text('a SigLevel as in pacman.conf'),
    'signatures that are required; default: pacman.sig_level',
  ),
  keys: key(paths('an OpenPGP key file', 'file'), 'keys that sign this repository', []),
});

/** Keys that only distributions with pacman use. */
export const pacman = section('Packages of a distribution that has pacman', {
  snapshot: key(
    text('a date such as 2026-11-01', /^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$/),
    'day of the Arch Linux Archive to install from, instead of a mirror',
  ),
  repositories: key(
    list(repository, 'a list of repositories'),
    "repositories to search before the distribution's",
    [],
  ),
  local_packages: key(
    paths('a package file', 'file'),
    'package files of your own, installed with the others',
    [],
  ),
  keys: key(
    paths('an OpenPGP key file', 'file'),
    "files of further keys; each key in them is trusted like the distribution's",
    [],
  ),
  sig_level: key(
    text('a SigLevel as in pacman.conf'),
    'signatures that are required',
    'Required DatabaseOptional',
  ),
});
