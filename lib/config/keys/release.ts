import {
  anything,
  choice,
  either,
  fields,
  key,
  list,
  map,
  paths,
  section,
  size,
  text,
  treated,
  whereabouts,
  whole,
} from './kinds';

/** How an image is packed, installed and tried: the keys of the steps after `customize`. */
export const release = {
  initramfs: section('The initramfs', {
    builder: key(
      choice('dock0', 'mkinitcpio'),
      "dock0's own, or the image's mkinitcpio (Arch), which has to be one of `packages`",
      'dock0',
    ),
    compression: key(choice('zstd', 'gzip', 'none'), 'compression', 'zstd'),
    level: key(
      whole('a whole number from 1 to 22', 1, 22),
      "compression level; default: the builder's choice",
    ),
    hooks: key(
      list(text('a hook name', /^[A-Za-z0-9][A-Za-z0-9_.-]*$/), 'a list of hooks'),
      'hooks, in order; with mkinitcpio its own too, such as udev, block or keymap',
      ['base', 'dock0'],
    ),
    hooks_dir: key(
      paths('a folder', 'folder'),
      'folders of hooks of your own; they win over built-in ones of the same name',
      [],
    ),
    modules: key(
      treated(
        either(
          'auto or a list of modules',
          choice('auto'),
          list(text('a module name', /^(?!auto$)[A-Za-z0-9_-]+$/), 'a list of modules'),
        ),
        { one: ['auto'] },
      ),
      'kernel modules, with those they need; auto is what it takes to reach the root',
      'auto',
    ),
    timeout: key(whole('seconds, 1 to 3600', 1, 3600), 'seconds to wait for the root', 30),
  }),
  squash: section('The squashfs layers', {
    compression: key(choice('zstd', 'xz', 'gzip', 'lz4', 'lzo'), 'compression', 'zstd'),
    level: key(
      whole('a whole number from 1 to 22', 1, 22),
      'compression level: zstd to 22, xz, gzip and lzo to 9; lz4 has none',
      3,
    ),
    layout: key(choice('layered', 'single'), 'a squashfs for each layer, or one for all', 'layered'),
    block: key(choice('4K', '8K', '16K', '32K', '64K', '128K', '256K', '512K', '1M'), 'block size', '128K'),
  }),
  install: section('The release', {
    target: key(choice('directory', 'image'), 'a folder, or that and a disk image', 'image'),
    label: key(
      text('a label of at most 16 letters, digits, ., _ and -', /^[A-Za-z0-9._-]{1,16}$/),
      'label of the file system that holds releases',
      'dock0',
    ),
    releases: key(whole('a number of releases', 1), 'releases kept; older ones are removed', 3),
    size: key(
      either('auto or a size such as 2G', choice('auto'), size()),
      'size of the disk image; auto fits its content',
      'auto',
    ),
    cow: key(
      either('tmpfs, or a map with label, uuid or device', choice('tmpfs'), fields(whereabouts)),
      'where writes to the root go: tmpfs forgets them at a reboot, a file system keeps them',
      'tmpfs',
    ),
  }),
  deploy: section('Where a release is sent', {
    provider: key(choice('none'), 'how it gets there', 'none'),
  }),
  hooks: key(
    map(
      text('pre-STEP or post-STEP'),
      paths('an executable', 'executable'),
      'a map of pre-STEP and post-STEP to executables',
    ),
    'executables run before or after a step',
    {},
  ),
  verify: section('The virtual machine of verify and boot', {
    memory: key(size(), 'memory', '1G'),
    timeout: key(whole('seconds, at least 1', 1), 'seconds for each boot', 300),
    cpus: key(whole('a number of processors, 1 to 64', 1, 64), 'processors', 2),
  }),
};

/** What all of the configuration can refer to. */
export const general = {
  name: key(
    text('lower-case letters, digits and -', /^[a-z0-9][a-z0-9-]{0,62}$/),
    'what is built; the release lies in build/NAME',
    'dock0',
  ),
  include: key(
    paths('a file', 'file', { shipped: { folder: 'configs', extension: '.yaml' } }),
    'files stacked below this one; a bare name that is no file here is one of those shipped in configs',
    [],
  ),
  vars: key(anything('a map'), 'values of your own, for templates and interpolation', {}),
};
