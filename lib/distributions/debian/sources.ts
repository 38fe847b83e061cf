import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Dock0Error } from '../../error';

/** Texts of a `.list` and of a `.sources` file; either may be empty. */
interface Sources {
  list: string;
  sources: string;
}

/**
 * The host's apt sources for a release: those that belong to it, else the host's own with the release in place of the
 * host's, so that a mirror that has one release of Debian is asked for another, with the same key.
 *
 * @param etc the folder of apt's configuration, `/etc/apt`
 * @param hostCodename the release that the host runs; undefined where that is none of Debian's
 * @throws Dock0Error when there are neither
 */
export function hostSources(etc: string, codename: string, hostCodename?: string): Sources {
  const own = sourcesOf(etc, codename);
  if (own.list + own.sources !== '') return own;
  const hosts = hostCodename === undefined ? own : sourcesOf(etc, hostCodename);
  if (hostCodename !== undefined && hosts.list + hosts.sources !== '')
    return inRelease(hosts, hostCodename, codename);
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
  return { list: lines(list), sources: stanzas.map((stanza) => `${stanza}\n`).join('\n') };
}

/** Unstable is one suite: its updates go into it, and its security fixes too. */
const SINGLE = ['sid', 'unstable'];

/** What follows the code name in the suites that every other release has; backports and the like are left out. */
const SHARED = ['', '-updates', '-security'];

function inRelease({ list, sources }: Sources, from: string, to: string): Sources {
  const suffixes = SINGLE.includes(to) ? [''] : SHARED;
  const suite = (word: string): string[] =>
    suffixes.filter((suffix) => word === `${from}${suffix}`).map((suffix) => `${to}${suffix}`);
  // Others that name Debian's releases, such as Docker, have no component of that name.
  const ofDebian = (components: string): boolean => components.split(/\s+/).includes('main');
  const changed = list.split('\n').flatMap((line) => {
    const [, before = '', word = '', after = ''] =
      /^(\s*deb\s+(?:\[[^\]]*\]\s+)?\S+\s+)(\S+)(.*)$/.exec(line) ?? [];
    return ofDebian(after) ? suite(word).map((name) => `${before}${name}${after}`) : [];
  });
  const stanzas = stanzasOf(sources).flatMap((stanza) => {
    const suites = (fieldOf(stanza, 'Suites') ?? '').split(/\s+/).flatMap(suite);
    const taken = suites.length > 0 && ofDebian(fieldOf(stanza, 'Components') ?? '');
    return taken ? [withSuites(stanza, suites)] : [];
  });
  return { list: lines(changed), sources: stanzas.map((stanza) => `${stanza}\n`).join('\n') };
}

/**
 * The source lines of a stated mirror: an address gets the release's `main`; a line that begins with `deb ` is taken
 * as it is.
 */
export function mirrorSources(mirrors: string[], codename: string): Sources {
  return {
    list: lines(
      mirrors.map((mirror) => (mirror.startsWith('deb ') ? mirror : `deb ${mirror} ${codename} main`)),
    ),
    sources: '',
  };
}

function isOfRelease(line: string, codename: string): boolean {
  const suite = /^\s*deb\s+(\[[^\]]*\]\s+)?\S+\s+(\S+)/.exec(line)?.[2];
  return suite !== undefined && belongs(suite, codename);
}

function ofRelease(stanza: string, codename: string): string[] {
  if (/^no$/i.test(fieldOf(stanza, 'Enabled')?.trim() ?? '')) return [];
  if (!(fieldOf(stanza, 'Types') ?? '').split(/\s+/).includes('deb')) return [];
  const suites = (fieldOf(stanza, 'Suites') ?? '').split(/\s+/).filter((suite) => belongs(suite, codename));
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
