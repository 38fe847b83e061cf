import { LONGEST_WAIT, MODULE_NAME } from '../limits';
import {
  anything,
  choice,
  either,
  fields,
  key,
  list,
  map,
  paths,
  required,
  section,
  size,
  sizeOr,
  text,
  treated,
  whereabouts,
  whole,
  yesNo,
} from './kinds';

/** How an image is packed, installed and tested. */
export const release = {
  initramfs: section('The initramfs', {
    builder: key(
      choice('dock0', 'mkinitcpio'),
      'dock0 is built in; mkinitcpio is the one in the image (Arch), so `packages` has to name it',
      'dock0',
    ),
    compression: key(choice('zstd', 'gzip', 'none'), 'compression', 'zstd'),
    level: key(
      whole('a whole number from 1 to 22', 1, 22),
      'compression level: zstd 1 to 19 (higher ones count as 19), gzip 1 to 9; default: 9',
    ),
    hooks: key(
      list(text('a hook name', /^[A-Za-z0-9][A-Za-z0-9_.-]*$/), 'a list of hooks'),
      'hooks, in order; with mkinitcpio also its own, such as udev, block or keymap',
      ['base', 'dock0'],
    ),
    hooks_dir: key(
      paths('a folder', 'folder'),
      'folders of your own hooks, which win over built-in ones of the same name',
      [],
    ),
    modules: key(
      treated(
        either(
          'auto or a list of modules',
          choice('auto'),
          list(
            text('a module name, or auto', new RegExp(`^[A-Za-z0-9_-]{1,${MODULE_NAME}}$`)),
            'a list of modules',
          ),
        ),
        { one: ['auto'] },
      ),
      'kernel modules, installed with their dependencies; auto picks what finding the root needs; `[auto, NAME]` adds to that',
      'auto',
    ),
    timeout: key(whole('seconds, 1 to 3600', 1, 3600), 'seconds to wait for the disk of the root', 30),
  }),
  squash: section('The squashfs layers', {
    compression: key(choice('zstd', 'xz', 'gzip', 'lz4', 'lzo'), 'compression', 'zstd'),
    level: key(
      whole('a whole number from 1 to 22', 1, 22),
      'compression level: zstd 1 to 22, gzip and lzo 1 to 9, lz4 fast (1) or small (2 and more); xz has none',
      3,
    ),
    layout: key(choice('layered', 'single'), 'one squashfs per layer, or a single one', 'layered'),
    block: key(choice('4K', '8K', '16K', '32K', '64K', '128K', '256K', '512K', '1M'), 'block size', '128K'),
  }),
  install: section('The release', {
    target: key(
      choice('directory', 'image', 'netboot'),
      'directory is a folder of files; image adds a disk image, netboot a folder for an http server that machines boot from over the network',
      'image',
    ),
    url: key(
      text('a URL such as http://192.0.2.1/dock0/', /^http:\/\/[A-Za-z0-9.:[\]_-]+(\/[A-Za-z0-9._~%+/-]*)?$/),
      'where a machine that boots over the network fetches the layers, from the folder `layers` there; default: beside boot.ipxe. They are checked by their digests, so it is http',
    ),
    layout: key(
      choice('gpt', 'filesystem'),
      'how the disk image is divided: filesystem is one file system without a boot loader, for what starts the kernel itself; gpt boots by itself, by BIOS and UEFI',
      'gpt',
    ),
    formats: key(
      treated(list(choice('qcow2', 'vhd'), 'a list of formats'), { one: [] }),
      'further formats of the disk image, beside disk.img: qcow2 for QEMU and OpenStack, vhd (of fixed size) for Azure and Hyper-V',
      [],
    ),
    loader: key(
      choice('grub', 'systemd-boot'),
      'boot loader of the disk image: grub by BIOS and UEFI, systemd-boot by UEFI',
      'grub',
    ),
    uki: key(
      yesNo(),
      'with systemd-boot: kernel, initramfs and command line of a release are one file, a unified kernel image',
      false,
    ),
    secure_boot: key(
      fields({
        key: required(
          treated(text('a file'), { path: 'file' }),
          'private key in PEM, which only its owner may read; it stays on the build host',
        ),
        certificate: required(
          treated(text('a file'), { path: 'file' }),
          'its certificate in PEM, which the firmware has',
        ),
      }),
      'signs the boot loader and the unified kernel image, for firmware with Secure Boot',
    ),
    tries: key(
      whole('a number of boots, 0 to 9', 0, 9),
      'how many boots a new release gets to be confirmed, beside the one that is there; then the machine is back on that. 0: it boots from now on',
      3,
    ),
    label: key(
      text('a label of at most 16 letters, digits, ., _ and -', /^[A-Za-z0-9._-]{1,16}$/),
      'label of the file system that holds the releases',
      'dock0',
    ),
    releases: key(whole('a number of releases', 1), 'number of releases to keep; older ones are removed', 3),
    size: key(
      either('auto or a size such as 2G', choice('auto'), size()),
      'size of the disk image; auto fits the content',
      'auto',
    ),
    volumes: key(
      map(
        text('the name of a volume', /^[a-z0-9][a-z0-9_-]*$/),
        fields({
          size: required(
            sizeOr('rest or a size such as 30G', /^(rest|[1-9][0-9]{0,5}[KMGT])$/),
            'size of the partition; rest is what the disk has left, also when it is larger than the image, or grows',
          ),
        }),
        'a map of names of `volumes` to partitions',
      ),
      'those of `volumes` that are partitions of the disk with the releases; the machine formats them at its first boot',
      {},
    ),
    cow: key(
      either('tmpfs, or a map with label, uuid or device', choice('tmpfs'), fields(whereabouts)),
      'where changes to the root are written: tmpfs loses them at reboot, a file system keeps them',
      'tmpfs',
    ),
  }),
  deploy: section('Deployment of a release', {
    provider: key(choice('none'), 'how a release is deployed', 'none'),
  }),
  hooks: key(
    map(
      text('pre-STEP or post-STEP'),
      paths('an executable', 'executable'),
      'a map of pre-STEP and post-STEP to executables',
    ),
    'executables to run before or after a step',
    {},
  ),
  verify: section('The virtual machine of `gulp verify` and `gulp boot`', {
    memory: key(size(), 'memory', '1G'),
    timeout: key(whole(`seconds, 1 to ${LONGEST_WAIT}`, 1, LONGEST_WAIT), 'seconds each boot may take', 600),
    cpus: key(whole('a number of processors, 1 to 64', 1, 64), 'processors', 2),
    boots: key(
      whole('1 or 2', 1, 2),
      'how often `gulp verify` boots; at the second boot, with the same disks, it looks for what has to outlive a reboot',
      2,
    ),
    network: key(
      choice('user', 'none'),
      'user: a network of its own, in which only the build host is, and a card for each of network.interfaces; none: no card at all, so what needs one is not checked',
      'user',
    ),
  }),
};

/** Keys that concern the configuration as a whole. */
export const general = {
  name: key(
    text('lower-case letters, digits and -', /^[a-z0-9][a-z0-9-]{0,62}$/),
    'name of the build; its releases are in build/NAME',
    'dock0',
  ),
  include: key(
    paths('a file', 'file', { shipped: { folder: 'configs', extension: '.yaml' } }),
    'files to stack below this one; a bare name such as default is a file of configs/ in this package, unless there is a file of that name',
    [],
  ),
  vars: key(anything('a map'), 'values of your own, for templates and references', {}),
  secrets: key(
    map(
      text('a name such as REGISTRY_TOKEN', /^[A-Za-z_]\w*$/),
      treated(text('a file'), { path: 'file' }),
      'a map of names to files',
    ),
    'files that hold secrets, readable by their owner only; a secret without a file is taken from the environment',
    {},
  ),
};
