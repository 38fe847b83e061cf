import { meant, type Wrong } from '../../config/problems';
import type { Config } from '../../config/schema';
import { didYouMean } from '../../config/suggest';
import { meantUrl, schemeOf } from '../mirrors';
import type { Distribution } from '../provider';

/** Reports what apt and dpkg would take for something else, or not understand. */
export const check: Distribution['check'] = (config, wrong, { noEffect }) => {
  checkMirror(config, wrong);
  checkRelease(config, wrong);
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
  for (const [at, mirror] of mirrors.entries()) {
    const found = JSON.stringify(mirror);
    if (mirror.startsWith('deb ')) {
      if (!/^deb (\[[^\]]*\] +)?\S+ +(\S*\/|\S+( +\S+)+) *$/.test(mirror))
        wrong(
          ['mirror', String(at)],
          `expected \`deb [options] URL SUITE COMPONENT…\` as in sources.list, found ${found}`,
        );
      continue;
    }
    const { scheme, near } = schemeOf(mirror);
    if (near === undefined || near === scheme || /^(ftp|copy)$/.test(scheme ?? '')) continue;
    wrong(['mirror', String(at)], `expected a URL, found ${found}${meantUrl(mirror, near)}`);
  }
}

/** Names of releases and suites, for suggestions; a mirror may have others. */
const RELEASES =
  'buster bullseye bookworm trixie forky duke sid stable testing unstable oldstable experimental';

function checkRelease({ release }: Config, wrong: Wrong): void {
  const known = RELEASES.split(' ');
  const near = release === undefined || known.includes(release) ? undefined : didYouMean(release, known);
  if (near !== undefined)
    wrong(
      ['release'],
      `expected a release of debian such as bookworm, found ${JSON.stringify(release)}${meant(near)}`,
    );
}

/** What apt-get(8) takes behind `install`: a name with an architecture, and a version or a release. */
const REQUEST = /^[a-z0-9][a-z0-9+.-]*(:[a-z0-9-]+)?(=[A-Za-z0-9.+:~-]+|\/[a-z0-9./-]+)?$/;

function checkPackages({ packages, cleanup }: Config, wrong: Wrong): void {
  for (const [at, name] of packages.entries()) {
    const keys = ['packages', String(at)];
    if (REQUEST.test(name)) continue;
    const lower = name.toLowerCase();
    const [, bare = '', sign = ''] = /^([^<>=~]+?)[<>=~]+(.*)$/.exec(name) ?? [];
    const near = REQUEST.test(lower) ? lower : sign !== '' ? `${bare}=${sign}` : undefined;
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
