import type { Wrong } from '../../config/problems';
import type { Config } from '../../config/schema';
import { meantUrl, schemeOf } from '../mirrors';
import type { Distribution } from '../provider';
import { ENGINES, nameOf } from './roles';

/** Names of suites that lead to another release once the next one comes out: a build would change without a word. */
const MOVING = ['stable', 'testing', 'oldstable', 'oldoldstable'];
/** Suites that hold only some packages, beside those of a release. */
const PARTIAL = /^(experimental|rc-buggy)$|-(backports(-sloppy)?|updates|security|proposed-updates)$/;

/** What a release is called, its code name, and what else is not one. */
function checkRelease({ release }: Config, wrong: Wrong): void {
  if (release === undefined) return;
  const found = `expected the code name of a release, such as trixie or sid, found ${release}`;
  const say = (why: string): void => wrong(['release'], `${found}${why}`);
  if (release === 'unstable') say('; did you mean sid?');
  else if (MOVING.includes(release)) say(', which is another release when the next one comes out');
  else if (release.endsWith('-backports')) say('; `backports: true` adds them to a release');
  else if (PARTIAL.test(release)) say(', which has only some packages, beside those of a release');
}

/** `mirror` holds addresses of any method that apt has, or lines of sources.list(5); a slip of http is neither. */
function checkMirror({ mirror: mirrors }: Config, wrong: Wrong): void {
  if (mirrors === 'auto') return;
  for (const [at, mirror] of mirrors.entries()) {
    const { scheme, near } = schemeOf(mirror);
    if (near === undefined || near === scheme || /^(ftp|copy)$/.test(scheme ?? '')) continue;
    const found = JSON.stringify(mirror);
    wrong(['mirror', String(at)], `expected a URL, found ${found}${meantUrl(mirror, near)}`);
  }
}

/** Packages that are stated win, so a key that says otherwise would have no effect. */
function checkEngine({ packages, docker: { enabled, engine } }: Config, wrong: Wrong): void {
  const stated = packages.map(nameOf).find((name) => ENGINES.includes(name));
  if (!enabled || engine === 'auto' || stated === undefined || stated === engine) return;
  wrong(['docker', 'engine'], `expected ${stated}, which \`packages\` has, found ${engine}`);
}

/** Reports what apt would not understand, and what would not stay what it is. */
export const check: Distribution['check'] = (config, wrong) => {
  checkRelease(config, wrong);
  checkMirror(config, wrong);
  checkEngine(config, wrong);
};
