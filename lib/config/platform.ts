import { meant, type Wrong } from './problems';
import type { NoEffect } from './rules/effect';
import type { Config } from './schema';
import { didYouMean } from './suggest';

/** Which distributions there are; the loader is told, since it knows none itself. */
export interface Platforms {
  names: readonly string[];
  /** The one that this machine runs; undefined when it is none of them. */
  host: string | undefined;
}

/** Reports what can be built, but is hardly what was meant. */
export interface Notes {
  warn: Wrong;
  noEffect: NoEffect;
}

/** What a distribution has to say of a configuration. */
export interface Platform {
  /** What `release: auto` stands for, undefined when nothing; absent where the distribution has no releases. */
  release?: (() => string | undefined) | undefined;
  /** Reports what is wrong with what it reads. */
  check: (config: Config, wrong: Wrong, notes: Notes) => void;
}

/**
 * The name of a configuration's distribution, `auto` resolved.
 *
 * @returns undefined when that is no distribution, which is reported
 */
export function distributionName(
  { distribution: stated }: Pick<Config, 'distribution'>,
  { names, host }: Platforms,
  wrong: Wrong,
): string | undefined {
  const [name, keys] = [stated === 'auto' ? host : stated, ['distribution']];
  if (name === undefined) {
    wrong(keys, `expected one of ${names.join(', ')}, found auto: this host runs none of them`);
    return undefined;
  }
  if (names.includes(name)) return name;
  const known = ['auto', ...names];
  const near = didYouMean(name, known);
  const found = JSON.stringify(name);
  const suggestion = meant(near === undefined ? undefined : JSON.stringify(near));
  wrong(keys, `expected one of ${known.join(', ')}, found ${found}${suggestion}`);
  return undefined;
}

/** The release of a configuration, `auto` resolved; undefined where its distribution has none. */
export function releaseName(
  { distribution, release: stated }: Pick<Config, 'distribution' | 'release'>,
  { release }: Platform,
  wrong: Wrong,
): string | undefined {
  if (release === undefined) return undefined;
  const name = stated === 'auto' ? release() : stated;
  if (name === undefined)
    wrong(['release'], `expected a release of ${distribution}, found auto: this host runs none of them`);
  return name;
}
