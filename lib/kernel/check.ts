import { existsSync } from 'node:fs';
import { Dock0Error } from '../error';
import { readConfig } from './base';
import { type Kconfig, parseKconfig, settingOf } from './kconfig';
import type { Image, Need } from './need';
import { needsOf } from './needs';

/** A need and how a kernel meets it. */
interface Finding {
  need: Need;
  /** The symbol that gives it; undefined when it is missing. */
  by: string | undefined;
  /** `y`, `m` or another value; `n` when it is missing. */
  value: string;
  /** Why a value that is there will not do. */
  fault?: string;
}

/**
 * Checks a kernel's configuration against what the image needs. A module is as good as what is built in, except for
 * what has to work before the first module is loaded.
 */
export function findings(config: Kconfig, needs: readonly Need[]): Finding[] {
  return needs.map((need) => {
    if (need.fault !== undefined) {
      const [symbol = ''] = need.symbols;
      const fault = need.fault(config);
      const value = settingOf(config, symbol);
      return fault === undefined ? { need, by: symbol, value } : { need, by: undefined, value, fault };
    }
    const lacking = need.builtIn ? ['n', 'm'] : ['n'];
    const by = need.symbols.find((symbol) => !lacking.includes(settingOf(config, symbol)));
    return { need, by, value: by === undefined ? 'n' : settingOf(config, by) };
  });
}

/**
 * Refuses a kernel that lacks something necessary.
 *
 * @param name what the kernel is called in the error
 * @throws Dock0Error that names everything that is missing and what it is for
 */
export function requireNeeds(config: Kconfig, needs: readonly Need[], name: string): void {
  const missing = findings(config, needs).filter(({ need, by }) => need.necessary && by === undefined);
  if (missing.length === 0) return;
  const lines = missing.map(({ need, fault }) => {
    if (fault !== undefined) return `  CONFIG_${need.symbols[0]}: ${fault}: ${need.use}`;
    const symbols = need.symbols.map((symbol) => `CONFIG_${symbol}${need.builtIn ? '=y' : ''}`);
    return `  ${symbols.join(' or ')}: ${need.use}`;
  });
  throw new Dock0Error(`${name} lacks what the image needs:\n${lines.join('\n')}`, {
    hint: 'For a kernel from source, the fragments boot, squashfs and docker turn on all of it but xfs and btrfs; those go into kernel.options. `gulp kernel:check` shows the table.',
  });
}

/**
 * Shows how a kernel meets the needs of an image.
 *
 * @param name what the kernel is called
 * @param text its .config
 * @throws Dock0Error when it lacks something necessary
 */
export function showNeeds(name: string, text: string, image: Image, print: (text: string) => void): void {
  const config = parseKconfig(text);
  const needs = needsOf(image);
  print(`${name}\n\n${table(findings(config, needs))}\n`);
  requireNeeds(config, needs, name);
}

/** The findings as a table for a terminal, group by group, with a line of totals. */
export function table(found: readonly Finding[]): string {
  const width = Math.max(...found.map(({ need, by }) => (by ?? need.symbols.join('|')).length));
  const lines: string[] = [];
  for (const group of new Set(found.map(({ need }) => need.group))) {
    lines.push(...(lines.length === 0 ? [] : ['']), group);
    for (const finding of found.filter(({ need }) => need.group === group)) {
      const { need, by, fault } = finding;
      const name = (by ?? need.symbols.join('|')).padEnd(width);
      const state = stateOf(finding).padEnd(8);
      const why = fault === undefined ? '' : `: ${fault}`;
      lines.push(`  ${name}  ${need.necessary ? 'necessary' : 'optional '}  ${state}  ${need.use}${why}`);
    }
  }
  const count = (necessary: boolean, there: boolean): number =>
    found.filter(({ need, by }) => need.necessary === necessary && (by !== undefined) === there).length;
  lines.push(
    '',
    `necessary: ${count(true, true)} there, ${count(true, false)} missing; optional: ${count(false, true)} there, ${count(false, false)} absent`,
  );
  return lines.join('\n');
}

function stateOf({ need, by, value, fault }: Finding): string {
  if (fault !== undefined) return need.necessary ? 'WRONG' : 'off';
  if (by === undefined) return need.necessary ? 'MISSING' : 'absent';
  if (need.fault !== undefined) return 'right';
  return value === 'm' ? 'module' : 'built in';
}

/**
 * Refuses a kernel by its .config, where it has one. Where there are no modules, what the configuration has as one is not
 * there.
 *
 * @throws Dock0Error as `requireNeeds` does
 */
export function requireConfig(file: string, needs: readonly Need[], modules: boolean): void {
  if (!existsSync(file)) return;
  const settings = parseKconfig(readConfig(file));
  const there = modules ? settings : new Map([...settings].filter(([, value]) => value !== 'm'));
  requireNeeds(there, needs, 'this kernel');
}
