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

/** Where the kernel's source comes from; exactly one of version, url, file, directory and debian. */
const source = section('Where the source comes from: exactly one of version, url, file, directory, debian', {
  version: key(
    text(
      'a version such as "6.12.3" (in quotes), stable, longterm or mainline',
      /^(\d+(\.\d+){1,2}(-rc\d+)?|stable|longterm|mainline)$/,
    ),
    'version, or the newest of a line, from kernel.org',
  ),
  url: key(text('an http or https URL', /^https?:\/\/\S+$/), 'address of a tarball'),
  file: key(treated(text('a tarball'), { path: 'file', provider: 'source' }), 'tarball on this machine'),
  directory: key(
    treated(text('a folder'), { path: 'folder', provider: 'source' }),
    'unpacked source on this machine; never written to',
  ),
  debian: key(
    text('a package such as linux-source-6.1', /^[a-z0-9][a-z0-9+.-]+$/),
    "Debian package that holds the tarball, from the host's own apt sources",
  ),
  sha256: key(text('64 hexadecimal digits', /^[0-9a-f]{64}$/), 'SHA-256 of the tarball'),
  signature: key(
    treated(text('a signature file or an http or https URL'), {
      path: 'file',
      provider: 'source',
      except: /^https?:\/\//,
    }),
    'detached OpenPGP signature of the tarball or, as on kernel.org, of the tar in it',
  ),
  keys: key(
    paths('an OpenPGP key file', 'file', { provider: 'source' }),
    'keys a signature is accepted from',
    [],
  ),
  releases: key(
    text('an http or https URL', /^https?:\/\/\S+$/),
    "kernel.org's list of releases, or a mirror of it",
    'https://www.kernel.org/releases.json',
  ),
  mirror: key(
    text('an http or https URL', /^https?:\/\/\S+$/),
    'folder that holds v6.x/linux-*.tar.xz and so on, for `version`',
    'https://cdn.kernel.org/pub/linux/kernel',
  ),
});

const option = either(
  'y, m, n, a text or a whole number',
  text('y, m, n or a text'),
  whole('a whole number', Number.MIN_SAFE_INTEGER),
);

/** The kernel: the distribution's, one built from source, or one that exists. */
export const kernel = section('The kernel', {
  provider: key(
    choice('package', 'source', 'file'),
    "the distribution's package, one built from source, or files that exist",
    'package',
  ),
  package: key(
    text('auto or a package name', /^[a-z0-9][a-z0-9@_+.-]*$/),
    "package of the `package` provider; auto is the distribution's smallest for virtual machines and servers",
    'auto',
  ),
  file: key(
    treated(text('a kernel image'), { path: 'file', provider: 'file' }),
    '`file` provider: the bootable image (vmlinuz)',
  ),
  modules: key(
    treated(text('none or a folder'), { path: 'folder', provider: 'file', except: /^none$/ }),
    '`file` provider: folder that holds `<version>/modules.dep` and the modules, such as /lib/modules',
    'none',
  ),
  config_file: key(
    treated(text('a file'), { path: 'file', provider: 'file' }),
    "`file` provider: the kernel's .config, held against what the image needs",
  ),
  cmdline: key(
    list(text('a word without blanks', /^\S+$/), 'a list of words'),
    'kernel command line, before what the build adds',
    ['quiet'],
  ),
  source,
  base: key(
    treated(text('tiny, allno, def, running or a .config file'), {
      path: 'file',
      provider: 'source',
      except: /^(tiny|allno|def|running)$/,
    }),
    '`source` provider: the configuration that fragments and options are laid on',
    'allno',
  ),
  fragments: key(
    paths('a fragment', 'file', {
      provider: 'source',
      shipped: { folder: 'configs/kernel', extension: '.config' },
      note: 'file, or the name of one that is shipped in configs/kernel',
    }),
    '`source` provider: configuration fragments, the last one wins',
    [],
  ),
  options: key(
    map(
      text('a kernel option such as CONFIG_VETH', /^(CONFIG_)?[A-Za-z0-9_]+$/),
      option,
      'a map of kernel options',
    ),
    '`source` provider: single options on top of the fragments, with or without CONFIG_',
    {},
  ),
  patches: key(
    paths('a patch or a folder of them', 'any', { provider: 'source' }),
    '`source` provider: unified diffs, or executables run in the source tree, in order',
    [],
  ),
  revision: key(
    text('letters, digits, ., _, + and -', /^[A-Za-z0-9._+-]*$/),
    "`source` provider: appended to the kernel's version (its local version)",
    '-dock0',
  ),
  make: section('How make is called by the `source` provider', {
    launcher: key(
      text('auto, none or a command', /^[\w./][\w./+-]*$/),
      'command that starts each compiler, such as distcc; auto is ccache where it is installed',
      'auto',
    ),
    jobs: key(
      either('auto or a number of jobs', choice('auto'), whole('a number of jobs', 1)),
      'compilers at a time; auto is one for each core',
      'auto',
    ),
  }),
});

const repository = fields({
  name: required(text('a repository name', /^[A-Za-z0-9][A-Za-z0-9@._+-]*$/), 'name, as in pacman.conf'),
  server: required(
    treated(
      list(
        text('a URL with $repo and $arch where they belong', /^(https?|file):\/\/\S+$/),
        'a URL with $repo and $arch where they belong, or a list of them',
      ),
      { one: [] },
    ),
    'where it is, tried in order',
  ),
  sig_level: key(text('a SigLevel as in pacman.conf'), 'signature check; default: that of pacman.sig_level'),
  keys: key(paths('an OpenPGP key file', 'file'), 'keys this repository is signed with', []),
});

/** What only distributions with pacman read. */
export const pacman = section('Packages of a distribution that has pacman', {
  snapshot: key(
    text('a date such as 2026-11-01', /^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$/),
    'day of the Arch Linux Archive to install from, instead of a mirror',
  ),
  repositories: key(
    list(repository, 'a list of repositories'),
    "repositories before the distribution's own",
    [],
  ),
  no_extract: key(
    list(text('a path pattern'), 'a list of path patterns'),
    'paths in packages that are not unpacked, as NoExtract in pacman.conf',
    [],
  ),
  local_packages: key(
    paths('a package file', 'file'),
    'package files of your own, installed with the rest',
    [],
  ),
  keys: key(
    paths('an OpenPGP key file', 'file'),
    "keys of your own; every one in these files is trusted besides the distribution's keyring",
    [],
  ),
  sig_level: key(text('a SigLevel as in pacman.conf'), 'signature check', 'Required DatabaseOptional'),
});
