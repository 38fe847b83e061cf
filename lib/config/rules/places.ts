import { plainPath } from './rule';

/** Folders that a machine is started from, where those of a merged /usr are below /usr. */
const SYSTEM = [
  '/usr',
  '/usr/bin',
  '/usr/sbin',
  '/usr/lib',
  '/usr/lib64',
  '/usr/lib/modules',
  '/usr/lib/systemd',
  '/usr/lib/systemd/system',
  '/etc',
  '/etc/systemd',
  '/etc/systemd/system',
];

/** A path in the image where it really is: /lib and its like are below /usr, /var/run is /run. */
export function realPlace(path: string): string {
  return plainPath(path)
    .replace(/^\/(bin|sbin|lib|lib64)(?=\/|$)/, '/usr$&')
    .replace(/^\/var\/(run|lock)(?=\/|$)/, (_, name) => (name === 'run' ? '/run' : '/run/lock'));
}

/** Whether a machine is started from this folder, so that nothing may hide or remove it. */
export function isOfSystem(path: string): boolean {
  return SYSTEM.includes(realPlace(path));
}

/** Whether a pattern matches all of such a folder: `/usr`, `/etc/*`. */
export function takesSystem(pattern: string): boolean {
  const folder = plainPath(pattern).replace(/\/?\*+$/, '');
  return folder === '' || isOfSystem(folder);
}
