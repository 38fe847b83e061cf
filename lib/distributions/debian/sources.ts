import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Dock0Error } from '../../error';

/** Texts of a `.list` and of a `.sources` file; either may be empty. */
export interface Sources {
  list: string;
  sources: string;
}

/** The sources of a stated mirror. */
export interface MirrorSources extends Sources {
  /** Lines that a mirror of all of Debian has something for, and that do without it. */
  optional: string[];
  /** What is known to be missing, in a line each. */
  lacks: string[];
}

/**
 * The host's apt sources for a release: those that belong to it, else the host's own with the release in place of the
 * host's, so that a mirror that has one release of Debian is asked for another, with the same key.
 *
 * @param etc the folder of apt's configuration, `/etc/apt`
 * @param hostCodename the release that the host runs; undefined where that is none of Debian's
 * @param backports whether the release's backports are wanted too
 * @throws Dock0Error when there are neither
 */
export function hostSources(
  etc: string,
  codename: string,
  hostCodename?: string,
  backports = false,
): Sources {
  const wanted = (sources: Sources): Sources => (backports ? withBackports(sources, codename) : sources);
  const own = sourcesOf(etc, codename);
  if (own.list + own.sources !== '') return wanted(own);
  const hosts = hostCodename === undefined ? own : sourcesOf(etc, hostCodename);
  if (hostCodename !== undefined && hosts.list + hosts.sources !== '')
    return wanted(inRelease(hosts, hostCodename, codename));
  throw new Dock0Error(`the host's apt sources have no entry for the release "${codename}"`, {
    hint: "Set `release` to the host's, or set `mirror`.",
  });
}

/**
 * Of the host's apt sources those that belong to a release, in the form they are stated in: entries whose suite is
 * the release's code name or begins with it (`bookworm`, `bookworm-updates`, `bookworm/updates`). Other suites are
 * mostly third parties' and stay out of the image.
 *
 * Formats: sources.list(5), one-line style and deb822 style.
 */
function sourcesOf(etc: string, codename: string): Sources {
  const files = [join(etc, 'sources.list'), ...filesIn(join(etc, 'sources.list.d'))].filter((file) =>
    existsSync(file),
  );
  const list: string[] = [];
  const stanzas: string[] = [];
  for (const file of files) {
    const text = readFileSync(file, 'utf8');
    if (file.endsWith('.sources'))
      stanzas.push(...stanzasOf(text).flatMap((stanza) => ofRelease(stanza, codename)));
    else list.push(...text.split('\n').filter((line) => isOfRelease(line, codename)));
  }
  return { list: lines(list), sources: joined(stanzas) };
}

/** Unstable is one suite: its updates go into it, and its security fixes too. */
const SINGLE = ['sid', 'unstable'];

const [UPDATES, SECURITY, BACKPORTS] = ['-updates', '-security', '-backports'];

/** What follows the code name in the suites that a release takes packages from; none for the release itself. */
function suffixesOf(codename: string): string[] {
  return SINGLE.includes(codename) ? [''] : ['', UPDATES, SECURITY];
}

function inRelease(sources: Sources, from: string, to: string): Sources {
  const suffixes = suffixesOf(to);
  return renamed(sources, (word) =>
    suffixes.filter((suffix) => word === `${from}${suffix}`).map((suffix) => `${to}${suffix}`),
  );
}

/** The sources with the release's backports, from wherever the release itself is; as they are where they have them. */
function withBackports(sources: Sources, codename: string): Sources {
  const name = `${codename}${BACKPORTS}`;
  const has = new RegExp(`\\s${name}(\\s|$)`, 'm');
  if (has.test(sources.list + sources.sources)) return sources;
  const more = renamed({ ...sources, sources: '' }, (word) => (word === codename ? [name] : []));
  const stanzas = stanzasOf(sources.sources).map((stanza) => {
    const suites = suitesOf(stanza);
    const own = suites.includes(codename) && ofDebian(fieldOf(stanza, 'Components') ?? '');
    return own ? withSuites(stanza, [...suites, name]) : stanza;
  });
  return { list: sources.list + more.list, sources: joined(stanzas) };
}

/** Debian's own sources with other suites; third parties' are left out. */
function renamed({ list, sources }: Sources, suite: (word: string) => string[]): Sources {
  const changed = list.split('\n').flatMap((line) => {
    const [, before = '', word = '', after = ''] =
      /^(\s*deb\s+(?:\[[^\]]*\]\s+)?\S+\s+)(\S+)(.*)$/.exec(line) ?? [];
    return ofDebian(after) ? suite(word).map((name) => `${before}${name}${after}`) : [];
  });
  const stanzas = stanzasOf(sources).flatMap((stanza) => {
    const suites = suitesOf(stanza).flatMap(suite);
    const taken = suites.length > 0 && ofDebian(fieldOf(stanza, 'Components') ?? '');
    return taken ? [withSuites(stanza, suites)] : [];
  });
  return { list: lines(changed), sources: joined(stanzas) };
}

/** Others that name Debian's releases, such as Docker, have no component of that name. */
function ofDebian(components: string): boolean {
  return components.split(/\s+/).includes('main');
}

/**
 * The source lines of a stated mirror. An address gets the release's `main`, and with it what a mirror of all of Debian
 * has beside it: the release's updates, and its security fixes in the folder `debian-security`. A line that begins with
 * `deb ` is taken as it is; where one names security fixes, no others are looked for.
 */
export function mirrorSources(
  mirrors: readonly string[],
  codename: string,
  backports = false,
): MirrorSources {
  const stated = mirrors.filter((mirror) => mirror.startsWith('deb '));
  const states = (suffix: string): boolean =>
    stated.some((line) => partsOf(line).suite === `${codename}${suffix}`);
  const wanted = suffixesOf(codename).filter((suffix) => suffix !== '' && !states(suffix));
  const made = mirrors.map((mirror) => {
    if (mirror.startsWith('deb ')) return { list: [mirror], optional: [], lacks: [] };
    const line = (url: string, suffix: string): string => `deb ${url} ${codename}${suffix} main`;
    const security = wanted.includes(SECURITY) ? securityOf(mirror) : undefined;
    const missing = wanted.includes(SECURITY) && security === undefined;
    return {
      list: [line(mirror, ''), ...(backports ? [line(mirror, BACKPORTS)] : [])],
      optional: [
        ...(wanted.includes(UPDATES) ? [line(mirror, UPDATES)] : []),
        ...(security === undefined ? [] : [line(security, SECURITY)]),
      ],
      lacks: missing ? [lackOf(mirror, `${codename}${SECURITY}`)] : [],
    };
  });
  return {
    list: lines(made.flatMap(({ list }) => list)),
    sources: '',
    optional: made.flatMap(({ optional }) => optional),
    lacks: [...made.flatMap(({ lacks }) => lacks), ...lacksOfLines(mirrors, stated, codename)],
  };
}

/** What source lines lack, where nothing else is stated. */
function lacksOfLines(mirrors: readonly string[], stated: readonly string[], codename: string): string[] {
  if (stated.length < mirrors.length) return [];
  const suites = stated.map((line) => partsOf(line).suite);
  // A path in place of a suite is a repository of its own.
  if (suites.some((suite) => suite.endsWith('/'))) return [];
  if (!suites.includes(codename))
    return [`no line of \`mirror\` has ${codename}, the release: packages are those of ${suites.join(', ')}`];
  const wanted = suffixesOf(codename).includes(SECURITY) && !suites.includes(`${codename}${SECURITY}`);
  return wanted ? [`no security fixes: no line of \`mirror\` has ${codename}${SECURITY}`] : [];
}

/** Says that a mirror has nothing of a suite, and what that means. */
export function lackOf(mirror: string, suite: string): string {
  if (!suite.endsWith(SECURITY)) return `${mirror} has no ${suite}`;
  return `no security fixes: ${mirror} has no ${suite}; state a mirror that does in \`mirror\`, as \`deb URL ${suite} main\``;
}

/** The address and the suite of a source line. */
export function partsOf(line: string): { mirror: string; suite: string } {
  const [, mirror = '', suite = ''] = /^\s*deb\s+(?:\[[^\]]*\]\s+)?(\S+)\s+(\S+)/.exec(line) ?? [];
  return { mirror, suite };
}

/** Where mirrors have the security fixes of what is in the folder `debian`. */
function securityOf(mirror: string): string | undefined {
  const found = /^(.*\/)debian(\/.*)?$/.exec(mirror);
  return found === null ? undefined : `${found[1]}debian-security${found[2] ?? ''}`;
}

function isOfRelease(line: string, codename: string): boolean {
  return belongs(partsOf(line).suite, codename);
}

function ofRelease(stanza: string, codename: string): string[] {
  if (/^no$/i.test(fieldOf(stanza, 'Enabled')?.trim() ?? '')) return [];
  if (!(fieldOf(stanza, 'Types') ?? '').split(/\s+/).includes('deb')) return [];
  const suites = suitesOf(stanza).filter((suite) => belongs(suite, codename));
  return suites.length === 0
    ? []
    : [withSuites(stanza, suites).replace(/^Types:.*(\n[ \t].*)*/im, 'Types: deb')];
}

function fieldOf(stanza: string, name: string): string | undefined {
  return new RegExp(`^${name}:[ \\t]*(.*(?:\\n[ \\t].*)*)`, 'im').exec(stanza)?.[1];
}

function withSuites(stanza: string, suites: readonly string[]): string {
  return stanza.replace(/^Suites:.*(\n[ \t].*)*/im, `Suites: ${suites.join(' ')}`);
}

function suitesOf(stanza: string): string[] {
  return (fieldOf(stanza, 'Suites') ?? '').split(/\s+/).filter((suite) => suite !== '');
}

function joined(stanzas: readonly string[]): string {
  return stanzas.map((stanza) => `${stanza}\n`).join('\n');
}

function belongs(suite: string, codename: string): boolean {
  return suite === codename || suite.startsWith(`${codename}-`) || suite.startsWith(`${codename}/`);
}

function stanzasOf(text: string): string[] {
  return text
    .split('\n')
    .filter((line) => !line.startsWith('#'))
    .join('\n')
    .split(/\n\s*\n/)
    .map((stanza) => stanza.trim())
    .filter((stanza) => stanza !== '');
}

function filesIn(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => name.endsWith('.list') || name.endsWith('.sources'))
    .sort()
    .map((name) => join(folder, name));
}

function lines(all: string[]): string {
  return all.map((line) => `${line}\n`).join('');
}
