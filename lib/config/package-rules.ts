import { distributionOf } from '../system/host';
import { meant, type Wrong } from './problems';
import type { Config } from './schema';
import { didYouMean } from './suggest';

/** The words of SigLevel in pacman.conf(5). */
const LEVELS = ['Never', 'Optional', 'Required', 'TrustedOnly', 'TrustAll'].flatMap((word) => [
  word,
  `Package${word}`,
  `Database${word}`,
]);
const SCHEMES = ['http', 'https', 'file'];

/** Each word of a SigLevel is one that pacman knows. */
export function checkSigLevels({ pacman }: Config, wrong: Wrong): void {
  const check = (level: string, keys: string[]): void => {
    for (const word of level.split(/\s+/).filter((each) => each !== '' && !LEVELS.includes(each))) {
      const near = didYouMean(word, LEVELS);
      const known = near === undefined ? '; known: Never, Optional, Required, TrustedOnly, TrustAll' : '';
      wrong(keys, `expected words of a SigLevel, found ${JSON.stringify(word)}${meant(near)}${known}`);
    }
  };
  check(pacman.sig_level, ['pacman', 'sig_level']);
  for (const [at, { sig_level }] of pacman.repositories.entries()) {
    if (sig_level !== undefined) check(sig_level, ['pacman', 'repositories', String(at), 'sig_level']);
  }
}

/** The archive has days of the calendar, up to today's. */
export function checkSnapshot({ pacman: { snapshot } }: Config, wrong: Wrong): void {
  if (snapshot === undefined) return;
  const day = new Date(`${snapshot}T00:00:00Z`);
  const keys = ['pacman', 'snapshot'];
  if (Number.isNaN(day.getTime()) || day.toISOString().slice(0, 10) !== snapshot) {
    wrong(keys, `expected a date such as 2026-11-01, found ${snapshot}, which no calendar has`);
  } else if (day.getTime() > Date.now()) {
    wrong(keys, `expected a day that the archive has, found ${snapshot}, which is yet to come`);
  }
}

/** Where packages come from is written as the distribution's package manager wants it. */
export function checkMirror(config: Config, wrong: Wrong): void {
  if (config.mirror === 'auto') return;
  for (const [at, mirror] of config.mirror.entries()) {
    const keys = ['mirror', String(at)];
    const scheme = /^([^:/]+):\/\//.exec(mirror)?.[1];
    const near = scheme === undefined ? undefined : didYouMean(scheme, SCHEMES);
    if (isArch(config)) {
      if (scheme !== undefined && SCHEMES.includes(scheme)) continue;
      const line = mirror.startsWith('deb ') ? "; a line of sources.list is Debian's" : '';
      wrong(
        keys,
        `expected an http, https or file URL, found ${JSON.stringify(mirror)}${line}${meantURL(mirror, near)}`,
      );
    } else if (near !== undefined && near !== scheme && !/^(ftp|copy)$/.test(scheme ?? '')) {
      wrong(keys, `expected a URL, found ${JSON.stringify(mirror)}${meantURL(mirror, near)}`);
    }
  }
}

function meantURL(mirror: string, scheme: string | undefined): string {
  return meant(scheme && mirror.replace(/^[^:]+/, scheme));
}

/** Another distribution's host, where none is stated, is what the steps complain of. */
function isArch({ distribution }: Config): boolean {
  if (distribution !== 'auto') return distribution === 'arch';
  try {
    return distributionOf() === 'arch';
  } catch {
    return false;
  }
}
