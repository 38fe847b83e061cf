// biome-ignore-all lint/suspicious/noTemplateCurlyInString: references look like template placeholders
import type { BadInput } from '../table';

/** A key that names a folder where a file belongs, a file where a folder does, or neither. */
const leads = (key: string, before: string, to: string, expected: string, why: string): BadInput => ({
  name: `${key} that leads to ${to}`,
  config: `${before}${to}${[...before]
    .reverse()
    .map((sign) => CLOSING[sign] ?? '')
    .join('')}\n`,
  files: { 'folder/x': '', file: '' },
  says: `dock0.yaml:1:${before.length + 1}: ${key}: expected ${expected}, found "${to}": ${why}`,
});
const CLOSING: Readonly<Record<string, string>> = { '{': '}', '[': ']' };
const FOLDER = 'it is a folder';
const NO_FOLDER = 'it is not a folder';
const DEVICE = 'it is a device';

/** Files of other kinds, and of other encodings. */
export const CASES: readonly BadInput[] = [
  leads('containers.web.env_file', 'containers: {web: {image: nginx, env_file: ', 'folder', 'a file', FOLDER),
  leads(
    'containers.web.env_file',
    'containers: {web: {image: nginx, env_file: ',
    '/dev/null',
    'a file',
    DEVICE,
  ),
  leads('compose', 'compose: ', 'folder', 'a file', FOLDER),
  leads('scripts', 'scripts: ', 'file', 'a folder', NO_FOLDER),
  leads('scripts.0', 'scripts: [', 'nowhere', 'a folder', 'no such file or folder'),
  leads('overlay', 'overlay: ', '/dev/null', 'a folder', NO_FOLDER),
  leads('templates', 'templates: ', 'file', 'a folder', NO_FOLDER),
  leads('initramfs.hooks_dir', 'initramfs: {hooks_dir: ', 'file', 'a folder', NO_FOLDER),
  leads('lock', 'lock: ', '.', 'none or a file', FOLDER),
  leads('lock', 'lock: ', '/dev/null', 'none or a file', DEVICE),
  leads('kernel.file', 'kernel: {provider: file, file: ', '/dev/null', 'a kernel image', DEVICE),
  leads(
    'kernel.modules',
    'kernel: {provider: file, file: file, modules: ',
    'file',
    'none or a folder',
    NO_FOLDER,
  ),
  leads('packages', 'packages: ', '/dev/null', 'a list of packages, or a file with one per line', DEVICE),
  leads(
    'images.0',
    'images: [',
    '/dev/null',
    'an image such as nginx:1.27, or a path such as ./web.tar',
    DEVICE,
  ),
  {
    name: 'a file of the environment in Latin-1',
    config: 'containers: {web: {image: nginx, env_file: web.env}}\n',
    files: { 'web.env': Buffer.from('A=1\nNAME=J\xfcrgen\n', 'latin1') },
    says: 'dock0.yaml:1:44: containers.web.env_file.0: web.env:2:7: the byte 0xfc is not UTF-8; save the file as UTF-8 (`iconv -f latin1 -t utf8` converts Latin-1)',
  },
];
