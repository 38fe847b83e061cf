import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { BuildContext } from '../build';
import { architecture } from './architecture';
import { type Base, strangers } from './base';
import { formatLine, type Kconfig, parseKconfig } from './kconfig';
import { HANDED, make } from './make';
import { checkRequests } from './refused';
import { overlay, type Requests } from './requests';
import { readSymbols, type Symbols } from './symbols';
import type { Work } from './work';
import { aloneIn, openWorkshop, planKernel, type Workshop } from './workshop';

/** A finished configuration. */
export interface Configured {
  /** The .config. */
  text: string;
  config: Kconfig;
}

/**
 * Makes the kernel's whole configuration: the base, the requests over it, and the kernel's own `olddefconfig` for
 * everything else. Nothing in the object tree changes but the tools that are compiled for it.
 *
 * @throws CommandError when the kernel's make fails
 */
export async function configure(
  shop: Workshop,
  base: Base,
  requests: Requests,
  work: Work,
): Promise<Configured> {
  const file = join(work.tmp, 'kconfig');
  mkdirSync(shop.objects, { recursive: true });
  const handed = work.tmp;
  const env = { KCONFIG_CONFIG: join(HANDED, basename(file)) };
  const text =
    'target' in base
      ? await started(base, file, shop, work)
      : adopt(base.text, requests, shop.tree.path, work);
  writeFileSync(file, overlay(text, requests));
  await make(shop, ['--silent', 'olddefconfig'], work, { handed, env });
  const made = readFileSync(file, 'utf8');
  return { text: made, config: parseKconfig(made) };
}

/**
 * The .config of a kernel from source, without compiling the kernel.
 *
 * @throws Dock0Error when the source is unavailable, its make fails, or an option cannot be what is asked for
 */
export async function configured(context: BuildContext & Work): Promise<string> {
  const plan = await planKernel(context);
  const { base, requests } = plan;
  const shop = await openWorkshop(plan, context);
  return aloneIn(shop, context, async () => {
    const made = await configure(shop, base, requests, context);
    checkTaken(made, requests, shop.tree.path);
    return made.text;
  });
}

/**
 * Refuses a configuration in which a request could not be set.
 *
 * @throws Dock0Error that names each such request
 */
export function checkTaken({ config }: Configured, requests: Requests, source: string): void {
  let symbols: Symbols | undefined;
  checkRequests(requests, config, () => {
    symbols ??= readSymbols(source, architecture().folder);
    return symbols;
  });
}

/** What a target of the kernel's make writes into `file`. */
async function started(
  { target, presets }: Extract<Base, { target: string }>,
  file: string,
  shop: Workshop,
  work: Work,
): Promise<string> {
  const preset = join(work.tmp, 'preset');
  const stated = presetText(presets, shop.tree.path);
  writeFileSync(preset, stated);
  const env = {
    KCONFIG_CONFIG: join(HANDED, basename(file)),
    KCONFIG_ALLCONFIG: join(HANDED, basename(preset)),
  };
  await make(shop, ['--silent', target], work, { handed: work.tmp, env });
  const text = readFileSync(file, 'utf8');
  return target === 'allnoconfig' ? withoutDefaults(text, parseKconfig(stated)) : text;
}

/**
 * Drops the texts and numbers of an empty configuration that no preset states: they are defaults, which may be others once
 * the requests are set. CONFIG_LSM would stay that of a kernel without security modules.
 */
function withoutDefaults(text: string, stated: Kconfig): string {
  const lines = [...parseKconfig(text)].filter(
    ([symbol, value]) => /^[ymn]$/.test(value) || stated.has(symbol),
  );
  return `${lines.map(([symbol, value]) => formatLine(symbol, value)).join('\n')}\n`;
}

/** The files of a preset that the source has, as one text. */
function presetText(files: readonly string[], source: string): string {
  const there = files.map((name) => join(source, name)).filter((file) => existsSync(file));
  return there.map((file) => readFileSync(file, 'utf8')).join('\n');
}

function adopt(text: string, requests: Requests, source: string, work: Work): string {
  const instead = strangers(parseKconfig(text), (path) => existsSync(join(source, path)));
  // Those who ask for signed modules have them signed by the key that the base names.
  const asked = (symbol: string): boolean =>
    requests.has(symbol) || (symbol === 'MODULE_SIG_KEY' && requests.has('MODULE_SIG'));
  const adopted = [...instead].filter(([symbol]) => !asked(symbol));
  if (adopted.length === 0) return text;
  const changed = adopted.filter(([symbol]) => symbol !== 'DEBUG_INFO_NONE').map(([symbol]) => symbol);
  work.log(`left out of kernel.base, since only its own builders can use it: ${changed.join(', ')}`);
  const origin = 'kernel.base';
  return overlay(
    text,
    new Map(adopted.map(([symbol, value]) => [symbol, { value, origin, optional: true }])),
  );
}
