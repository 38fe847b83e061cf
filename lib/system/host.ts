import { existsSync, readFileSync } from 'node:fs';
import { Dock0Error } from '../error';

/**
 * The family of the distribution this machine runs (os-release(5), ID and ID_LIKE).
 *
 * @throws Dock0Error when it is neither Debian's nor Arch's
 */
export function distributionOf(file = '/etc/os-release'): 'debian' | 'arch' {
  const text = existsSync(file) ? readFileSync(file, 'utf8') : '';
  const ids = [...text.matchAll(/^(?:ID|ID_LIKE)="?([^"\n]*)"?$/gm)].flatMap(([, value = '']) =>
    value.split(' '),
  );
  if (ids.includes('arch')) return 'arch';
  if (ids.includes('debian')) return 'debian';
  throw new Dock0Error('this host is neither Debian nor Arch, so `distribution: auto` has no answer', {
    hint: 'State `distribution` (debian or arch), `release` and `mirror`.',
  });
}
