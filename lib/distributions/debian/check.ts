import { meant, type Wrong } from '../../config/problems';
import type { Config } from '../../config/schema';
import { didYouMean } from '../../config/suggest';
import { checkSome, meantUrl, schemeOf } from '../mirrors';
import type { Distribution } from '../provider';
import { ENGINES, nameOf } from './roles';

/** Names of suites that lead to another release once the next one comes out: a build would change without a word. */
const MOVING = ['stable', 'testing', 'oldstable', 'oldoldstable'];
/** Suites that hold only some packages, beside those of a release. */
const PARTIAL = /^(experimental|rc-buggy)$|-(backports(-sloppy)?|updates|security|proposed-updates)$/;
/** Names of releases, for suggestions; a mirror may have others. */
const KNOWN = ['buster', 'bullseye', 'bookworm', 'trixie', 'forky', 'duke', 'sid'];

/** What a release is called, its code name, and what else is not one. */
function checkRelease({ release }: Config, wrong: Wrong): void {
  if (release === undefined) return;
  const found = `expected the code name of a release, such as trixie or sid, found ${release}`;
  const say = (why: string): void => wrong(['release'], `${found}${why}`);
  if (release === 'unstable') say('; did you mean sid?');
  else if (MOVING.includes(release)) say(', which is another release when the next one comes out');
  else if (release.endsWith('-backports')) say('; `backports: true` adds them to a release');
  else if (PARTIAL.test(release)) say(', which has only some packages, beside those of a release');
  else if (!KNOWN.includes(release)) {
    const near = didYouMean(release, KNOWN);
    if (near !== undefined) say(meant(near));
  }
}

/** Reports what apt and dpkg would take for something else, or not understand. */
export const check: Distribution['check'] = (config, wrong, { noEffect }) => {
  checkMirror(config, wrong);
  checkRelease(config, wrong);
  checkEngine(config, wrong);
  checkPackages(config, wrong);
  for (const key of Object.keys(config.pacman))
    noEffect(['pacman', key], ['distribution'], 'debian has no pacman');
  noEffect(
    ['keymap'],
    ['distribution'],
    'debian sets the keyboard by the package console-setup and the file /etc/default/keyboard',
  );
};

/** `mirror` holds addresses of any method that apt has, or lines of sources.list(5); a slip of http is neither. */
function checkMirror({ mirror: mirrors }: Config, wrong: Wrong): void {
  if (mirrors === 'auto') return;
  checkSome(mirrors, wrong);
  for (const [at, mirror] of mirrors.entries()) {
    const found = JSON.stringify(mirror);
    if (mirror.startsWith('deb ')) {
      if (!/^deb (\[[^\]]*\] +)?(?!\[)\S+ +(\S*\/|\S+( +\S+)+) *$/.test(mirror))
        wrong(
          ['mirror', String(at)],
          `expected \`deb [options] URL SUITE COMPONENT…\` as in sources.list, found ${found}`,
        );
      continue;
    }
    const { scheme, near } = schemeOf(mirror);
    if (!/^[a-z][a-z0-9+-]*:[^\s]*[^\s/:]/.test(mirror)) {
      wrong(['mirror', String(at)], `expected a URL such as http://deb.debian.org/debian, found ${found}`);
      continue;
    }
    if (near === undefined || near === scheme || /^(ftp|copy)$/.test(scheme ?? '')) continue;
    wrong(['mirror', String(at)], `expected a URL, found ${found}${meantUrl(mirror, near)}`);
  }
}

/** Packages that are stated win, so a key that says otherwise would have no effect. */
function checkEngine({ packages, docker: { enabled, engine } }: Config, wrong: Wrong): void {
  const stated = packages.map(nameOf).find((name) => ENGINES.includes(name));
  if (!enabled || engine === 'auto' || stated === undefined || stated === engine) return;
  wrong(['docker', 'engine'], `expected ${stated}, which \`packages\` has, found ${engine}`);
}

/** What apt-get(8) takes behind `install`: a name with an architecture, and a version or a release. */
const REQUEST = /^[a-z0-9][a-z0-9+.-]*(:[a-z0-9-]+)?(=[A-Za-z0-9.+:~-]+|\/[a-z0-9./-]+)?$/;

function checkPackages({ packages, cleanup }: Config, wrong: Wrong): void {
  for (const [at, name] of packages.entries()) {
    const keys = ['packages', String(at)];
    if (REQUEST.test(name)) continue;
    const lower = name.toLowerCase();
    const [, bare = '', sign = ''] = /^([^<>=~]+?)[<>=~]+(.*)$/.exec(name) ?? [];
    const near = [lower, `${bare}=${sign}`].find((each) => REQUEST.test(each));
    wrong(
      keys,
      `expected a package of debian, with =VERSION or /RELEASE if it has to be, found ${JSON.stringify(name)}${meant(near)}`,
    );
  }
  for (const [at, name] of cleanup.packages.entries()) {
    if (/^[a-z0-9][a-z0-9+.-]*(:[a-z0-9-]+)?$/.test(name)) continue;
    wrong(['cleanup', 'packages', String(at)], `expected a package of debian, found ${JSON.stringify(name)}`);
  }
}
