import { patternSource } from '../config/pattern';

/**
 * The patterns of `exclude` as a package manager has to have them. dpkg takes a pattern for the folder alone, and then
 * finds no place for the files in it: those get a pattern too. What is kept of such a folder needs the folders above it.
 */
export function forPackages(patterns: readonly string[]): string[] {
  return patterns.flatMap((pattern, at) => {
    const own = withContent(pattern);
    if (!pattern.startsWith('!')) return own;
    const gone = patterns
      .slice(0, at)
      .filter((other) => !other.startsWith('!'))
      .flatMap(withContent)
      .map(asExpression);
    const above = foldersAbove(pattern.slice(1)).filter((folder) => gone.some((other) => other.test(folder)));
    return [...above.map((folder) => `!${folder}`), ...own];
  });
}

function withContent(pattern: string): string[] {
  return pattern.endsWith('*') ? [pattern] : [pattern, `${pattern}/*`];
}

/** What a pattern matches, or a little more: any letter in place of a set of them. A folder too many does no harm. */
function asExpression(pattern: string): RegExp {
  return new RegExp(`^${patternSource(pattern, '[^]', '[^]')}$`);
}

/** The folders above a path, as far as no sign in them stands for others. */
function foldersAbove(path: string): string[] {
  const [plain = ''] = /^[^*?[\\]*/.exec(path) ?? [];
  const names = plain.split('/').slice(1, -1);
  return names.map((_, at) => `/${names.slice(0, at + 1).join('/')}`);
}
