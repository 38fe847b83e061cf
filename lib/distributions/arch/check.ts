import { meant, type Wrong } from '../../config/problems';
import type { Config } from '../../config/schema';
import { didYouMean } from '../../config/suggest';
import { checkSome, isPlain, meantUrl, schemeOf } from '../mirrors';
import type { Distribution } from '../provider';

/** The words of SigLevel in pacman.conf(5). */
const LEVELS = ['Never', 'Optional', 'Required', 'TrustedOnly', 'TrustAll'].flatMap((word) => [
  word,
  `Package${word}`,
  `Database${word}`,
]);

/** Reports what Arch does not have, and what pacman would not understand in `mirror` and `pacman`. */
export const check: Distribution['check'] = (config, wrong, { noEffect }) => {
  noEffect(['backports'], ['distribution'], "backports are Debian's, and the image is of arch");
  checkMirror(config, wrong);
  checkEngine(config, wrong);
  checkSigLevels(config, wrong);
  checkSnapshot(config, wrong);
  checkRepositories(config, wrong);
};

/** A second section of one name would add to the first one. */
function checkRepositories({ pacman: { repositories } }: Config, wrong: Wrong): void {
  const names = repositories.map(({ name }) => name);
  for (const [at, name] of names.entries()) {
    if (names.indexOf(name) < at)
      wrong(
        ['pacman', 'repositories', String(at), 'name'],
        `expected a name of its own, found ${JSON.stringify(name)} a second time`,
      );
  }
}

function checkEngine({ docker: { enabled, engine } }: Config, wrong: Wrong): void {
  if (!enabled || engine === 'auto') return;
  wrong(['docker', 'engine'], `expected auto, found ${engine}: that is Debian's, Arch has one Docker`);
}

function checkMirror({ mirror: mirrors }: Config, wrong: Wrong): void {
  if (mirrors === 'auto') return;
  checkSome(mirrors, wrong);
  for (const [at, mirror] of mirrors.entries()) {
    const { scheme, near } = schemeOf(mirror);
    if (isPlain(scheme)) continue;
    const found = JSON.stringify(mirror);
    const line = mirror.startsWith('deb ') ? "; a line of sources.list is Debian's" : '';
    const message = `expected an http, https or file URL, found ${found}${line}${meantUrl(mirror, near)}`;
    wrong(['mirror', String(at)], message);
  }
}

function checkSigLevels({ pacman }: Config, wrong: Wrong): void {
  const checkLevel = (level: string, keys: string[]): void => {
    for (const word of level.split(/\s+/).filter((each) => each !== '' && !LEVELS.includes(each))) {
      const near = didYouMean(word, LEVELS);
      const known = near === undefined ? '; known: Never, Optional, Required, TrustedOnly, TrustAll' : '';
      wrong(keys, `expected words of a SigLevel, found ${JSON.stringify(word)}${meant(near)}${known}`);
    }
  };
  checkLevel(pacman.sig_level, ['pacman', 'sig_level']);
  for (const [at, { sig_level }] of pacman.repositories.entries()) {
    if (sig_level !== undefined) checkLevel(sig_level, ['pacman', 'repositories', String(at), 'sig_level']);
  }
}

/** The archive has days of the calendar, up to today's. */
function checkSnapshot({ mirror, pacman: { snapshot } }: Config, wrong: Wrong): void {
  if (snapshot === undefined) return;
  const day = new Date(`${snapshot}T00:00:00Z`);
  const keys = ['pacman', 'snapshot'];
  if (mirror !== 'auto')
    wrong(
      keys,
      'expected a snapshot or `mirror`, found both: remove one of them; `mirror` may also be the URL of an archive of that day',
    );
  if (Number.isNaN(day.getTime()) || day.toISOString().slice(0, 10) !== snapshot) {
    wrong(keys, `expected a date such as 2026-11-01, found ${snapshot}, which is not a valid date`);
  } else if (day.getTime() > Date.now()) {
    wrong(keys, `expected a day that the archive has, found ${snapshot}, which is in the future`);
  }
}
