import { Dock0Error } from '../error';

/**
 * What a kernel configuration says of one symbol: `y`, `m`, `n`, a number, or a string in its quotes. `n` is written
 * as a comment in a .config ("# CONFIG_X is not set").
 */
export type KconfigValue = string;

/** Symbols without their `CONFIG_` prefix. */
export type Kconfig = Map<string, KconfigValue>;

/** One line of a fragment. */
interface KconfigLine {
  symbol: string;
  value: KconfigValue;
  /** Line number, from 1. */
  line: number;
  /** Ends in `# if possible`: not an error when the symbol is unknown or can't be set. */
  optional: boolean;
}

const SET = /^CONFIG_([A-Za-z0-9_]+)=(.*)$/;
const UNSET = /^#\s*CONFIG_([A-Za-z0-9_]+) is not set\s*$/;
const OPTIONAL = /\s+#\s*if possible\s*$/;
const VALUE = /^([ymn]|-?\d+|0[xX][0-9a-fA-F]+|"(?:[^"\\]|\\.)*")$/;

/**
 * Reads the lines of a fragment: the format of a .config (Documentation/kbuild/kconfig.rst), where a line may end in
 * `# if possible`.
 *
 * @param name what the file is called in an error
 * @throws Dock0Error naming every line that is none of `CONFIG_X=value`, `# CONFIG_X is not set`, comment, empty
 */
export function parseFragment(text: string, name: string): KconfigLine[] {
  const lines: KconfigLine[] = [];
  const faults: string[] = [];
  for (const [index, raw] of text.split('\n').entries()) {
    const optional = OPTIONAL.test(raw);
    const written = raw.replace(OPTIONAL, '').trim();
    const unset = UNSET.exec(written)?.[1];
    const set = SET.exec(written);
    if (unset !== undefined) lines.push({ symbol: unset, value: 'n', line: index + 1, optional });
    else if (set !== null && VALUE.test(set[2] as string)) {
      lines.push({ symbol: set[1] as string, value: set[2] as string, line: index + 1, optional });
    } else if (written !== '' && !written.startsWith('#')) {
      faults.push(`${name}:${index + 1}: not a line of a kernel configuration: ${written}`);
    }
  }
  if (faults.length > 0) {
    throw new Dock0Error(faults.join('\n'), {
      hint: 'A line is CONFIG_NAME=y, =m, =n, a number or a "string", or `# CONFIG_NAME is not set`.',
    });
  }
  return lines;
}

/** Reads a whole .config; other lines are skipped, as the kernel's own tools do. */
export function parseKconfig(text: string): Kconfig {
  const found: Kconfig = new Map();
  for (const line of text.split('\n')) {
    const unset = UNSET.exec(line)?.[1];
    const set = SET.exec(line.trimEnd());
    if (unset !== undefined) found.set(unset, 'n');
    else if (set !== null) found.set(set[1] as string, set[2] as string);
  }
  return found;
}

/** One line of a .config. */
export function formatLine(symbol: string, value: KconfigValue): string {
  return value === 'n' ? `# CONFIG_${symbol} is not set` : `CONFIG_${symbol}=${value}`;
}

/** A value as people write it in a message: what is not set is `n`. */
export function settingOf(config: Kconfig, symbol: string): KconfigValue {
  return config.get(symbol) ?? 'n';
}

/**
 * The value of an entry of `kernel.options` in the configuration: text that is neither `y`, `m`, `n` nor a number is
 * quoted.
 */
export function valueFrom(option: number | string): KconfigValue {
  const text = String(option);
  return VALUE.test(text) ? text : `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;
}
