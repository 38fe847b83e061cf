import type { Config } from './schema';

/** Locales that the C library has by itself. */
const BUILT_IN = /^(C|POSIX|C\.(UTF-8|utf8))$/;

/** Whether the locale of a configuration has to be generated. */
export function isGenerated({ locale }: Pick<Config, 'locale'>): boolean {
  return !BUILT_IN.test(locale);
}
