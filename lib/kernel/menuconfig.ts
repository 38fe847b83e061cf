import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { codeOf, Dock0Error } from '../error';
import { architecture } from './architecture';
import type { Base } from './base';
import { configure } from './configure';
import { parseFragment, parseKconfig } from './kconfig';
import { aloneIn, make, type Workshop } from './make';
import { collectRequests, difference, type Requests } from './requests';
import { readSymbols } from './symbols';
import type { Work } from './work';

/** Runs a command on the terminal that the user sits at; a constant script, the command arrives as its arguments. */
const ON_TERMINAL = 'exec "$@" </dev/tty >/dev/tty 2>/dev/tty';

/**
 * Opens the kernel's menuconfig on the merged configuration.
 *
 * @returns the lines of a fragment that makes the same changes
 * @throws Dock0Error without a terminal
 */
export async function editConfiguration(
  shop: Workshop,
  wanted: { base: Base; requests: Requests },
  work: Work,
): Promise<string[]> {
  if (!process.stdin.isTTY) {
    throw new Dock0Error('menuconfig needs a terminal', {
      hint: 'Without one, write the options into kernel.options or a fragment.',
    });
  }
  return aloneIn(shop, work, () => edited(shop, wanted, work));
}

async function edited(
  shop: Workshop,
  wanted: { base: Base; requests: Requests },
  work: Work,
): Promise<string[]> {
  const before = await configure(shop, wanted.base, wanted.requests, work);
  const file = join(work.tmp, 'menuconfig');
  writeFileSync(file, before.text);
  const onTerminal: Work['run'] = (command, args, options) =>
    work.run('sh', ['-c', ON_TERMINAL, 'sh', command, ...args], options);
  await make(
    shop,
    ['--silent', 'menuconfig'],
    { run: onTerminal },
    { env: { KCONFIG_CONFIG: file, TERM: process.env.TERM } },
  );
  const after = parseKconfig(readFileSync(file, 'utf8'));
  const { definitions } = readSymbols(shop.tree.path, architecture().folder);
  // What nobody can answer follows from what somebody did.
  return difference(before.config, after).filter((line) => {
    const symbol = [...parseKconfig(line).keys()][0] ?? '';
    return definitions.get(symbol)?.some(({ prompt }) => prompt) ?? false;
  });
}

/**
 * Puts lines into a fragment: what the file says of the same options gives way, everything else in it stays.
 *
 * @param file made when it does not exist
 */
export function saveFragment(file: string, lines: readonly string[]): void {
  const had = readFragment(file);
  const said = new Set(parseFragment(lines.join('\n'), file).map(({ symbol }) => symbol));
  const replaced = new Set(
    parseFragment(had, file)
      .filter(({ symbol }) => said.has(symbol))
      .map(({ line }) => line),
  );
  const kept = had.split('\n').filter((_, index) => !replaced.has(index + 1));
  while (kept.at(-1) === '') kept.pop();
  writeFileSync(file, `${[...kept, ...lines].join('\n')}\n`);
}

/** What of a kernel's configuration comes after the base. */
export interface Said {
  fragments: readonly string[];
  options: { [symbol: string]: number | string };
  revision: string;
}

/**
 * The options of a saved fragment that have no effect, since something that counts more says otherwise.
 *
 * @returns `CONFIG_NET is y by kernel.options.NET` for each
 */
export function overruled(file: string, lines: readonly string[], said: Said): string[] {
  const all = said.fragments.includes(file) ? said.fragments : [...said.fragments, file];
  const read = all.map((path) => ({ name: path, text: readFragment(path) }));
  const requests = collectRequests(read, said.options, said.revision);
  return parseFragment(lines.join('\n'), file).flatMap(({ symbol, value }) => {
    const request = requests.get(symbol);
    if (request === undefined || request.value === value) return [];
    return [`CONFIG_${symbol} is ${request.value} by ${request.origin}`];
  });
}

function readFragment(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return '';
    throw error;
  }
}
