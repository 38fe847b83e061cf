import { readFileSync, writeFileSync } from 'node:fs';
import { basename, join, relative } from 'node:path';
import type { BuildContext } from '../build';
import { codeOf, Dock0Error } from '../error';
import { architecture } from './architecture';
import { configure } from './configure';
import { parseFragment, parseKconfig } from './kconfig';
import { HANDED, make } from './make';
import { collectRequests, difference } from './requests';
import { readSymbols } from './symbols';
import type { Work } from './work';
import { aloneIn, openWorkshop, planKernel } from './workshop';

/** Runs a command on the user's terminal; a constant script, the command arrives as its arguments. */
const ON_TERMINAL = 'exec "$@" </dev/tty >/dev/tty 2>/dev/tty';

/**
 * Opens the kernel's menuconfig on the merged configuration and saves what was changed as a fragment; what the file
 * holds already stays.
 *
 * @param file absolute
 * @returns what to tell the user, line by line
 * @throws Dock0Error without a terminal, or when the kernel is not built from source
 */
export async function editFragment(file: string, context: BuildContext & Work): Promise<string[]> {
  const { kernel } = context.config;
  if (kernel.provider !== 'source') {
    throw new Dock0Error(
      `kernel.provider is "${kernel.provider}": only a kernel that is built from source can be configured`,
      { hint: 'State kernel.provider: source, and kernel.source.' },
    );
  }
  const lines = await editConfiguration(context);
  if (lines.length === 0) return ['nothing was changed'];
  saveFragment(file, lines);
  const listed = kernel.fragments.includes(file) ? '' : '; list it last in kernel.fragments';
  return [
    `${lines.length} changes saved in ${relative('.', file)}${listed}`,
    ...lines.map((line) => `  ${line}`),
    ...overruled(file, lines, kernel).map((line) => `without effect: ${line}; change it there`),
  ];
}

/** The lines of a fragment that makes the same changes as the user did in menuconfig. */
async function editConfiguration(context: BuildContext & Work): Promise<string[]> {
  if (!process.stdin.isTTY) {
    throw new Dock0Error('menuconfig needs a terminal', {
      hint: 'Without one, write the options into kernel.options or a fragment.',
    });
  }
  const plan = await planKernel(context);
  const shop = await openWorkshop(plan, context);
  const { base, requests } = plan;
  return aloneIn(shop, context, async () => {
    const before = await configure(shop, base, requests, context);
    const file = join(context.tmp, 'menuconfig');
    writeFileSync(file, before.text);
    const run: Work['run'] = (command, args, options) =>
      context.run('sh', ['-c', ON_TERMINAL, 'sh', command, ...args], { ...options, terminal: true });
    const env = { KCONFIG_CONFIG: join(HANDED, basename(file)), TERM: process.env.TERM };
    await make(shop, ['--silent', 'menuconfig'], { run }, { handed: context.tmp, env });
    const after = parseKconfig(readFileSync(file, 'utf8'));
    const { definitions } = readSymbols(shop.tree.path, architecture().folder);
    // Symbols without a prompt follow from those that were set.
    return difference(before.config, after).filter((line) => {
      const symbol = [...parseKconfig(line).keys()][0] ?? '';
      return definitions.get(symbol)?.some(({ prompt }) => prompt) ?? false;
    });
  });
}

/**
 * Puts lines into a fragment: they replace what the file says of the same options, everything else in it stays.
 *
 * @param file made when it does not exist
 */
export function saveFragment(file: string, lines: readonly string[]): void {
  const had = readFragment(file);
  const said = new Set(parseFragment(lines.join('\n'), file).map(({ symbol }) => symbol));
  const replaced = parseFragment(had, file).filter(({ symbol }) => said.has(symbol));
  const kept = had.split('\n').filter((_, index) => !replaced.some(({ line }) => line === index + 1));
  while (kept.at(-1) === '') kept.pop();
  writeFileSync(file, `${[...kept, ...lines].join('\n')}\n`);
}

/** The options of a saved fragment that have no effect, as `CONFIG_NET is y by kernel.options.NET`. */
function overruled(
  file: string,
  lines: readonly string[],
  { fragments, options, revision }: BuildContext['config']['kernel'],
): string[] {
  const all = fragments.includes(file) ? fragments : [...fragments, file];
  const read = all.map((path) => ({ name: path, text: readFragment(path) }));
  const requests = collectRequests(read, options, revision);
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
