import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Dock0Error } from '../../error';

/**
 * Of the host's apt sources those that belong to a release, in the form they are stated in: entries whose suite is
 * the release's code name or begins with it (`bookworm`, `bookworm-updates`, `bookworm/updates`). Other suites are
 * mostly third parties' and stay out of the image.
 *
 * Formats: sources.list(5), one-line style and deb822 style.
 *
 * @param etc the folder of apt's configuration, `/etc/apt`
 * @returns texts of a `.list` and of a `.sources` file; either may be empty
 * @throws Dock0Error when no entry is left
 */
export function hostSources(etc: string, codename: string): { list: string; sources: string } {
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
  if (list.length + stanzas.length === 0) {
    throw new Dock0Error(`the host's apt sources have no entry for the release "${codename}"`, {
      hint: "Set `release` to the host's, or set `mirror`.",
    });
  }
  return { list: lines(list), sources: stanzas.map((stanza) => `${stanza}\n`).join('\n') };
}

/**
 * The source lines of a stated mirror: an address gets the release's `main`; a line that begins with `deb ` is taken
 * as it is.
 */
export function mirrorSources(mirrors: string[], codename: string): { list: string; sources: string } {
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
  const field = (name: string): string | undefined =>
    new RegExp(`^${name}:[ \\t]*(.*(?:\\n[ \\t].*)*)`, 'im').exec(stanza)?.[1];
  if (/^no$/i.test(field('Enabled')?.trim() ?? '')) return [];
  if (!(field('Types') ?? '').split(/\s+/).includes('deb')) return [];
  const suites = (field('Suites') ?? '').split(/\s+/).filter((suite) => belongs(suite, codename));
  if (suites.length === 0) return [];
  return [
    stanza
      .replace(/^Types:.*(\n[ \t].*)*/im, 'Types: deb')
      .replace(/^Suites:.*(\n[ \t].*)*/im, `Suites: ${suites.join(' ')}`),
  ];
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
