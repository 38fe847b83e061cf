/**
 * A pattern of paths (fnmatch(3)) as a regular expression of the same paths, without its ends.
 *
 * @param any what a `?` stands for
 * @param set what a set of letters stands for
 */
export function patternSource(pattern: string, any: string, set: string): string {
  return pattern.replace(/\[[!^]?\]?(?:\[:\w+:\]|[^\]])*\]|\\?[\s\S]/g, (part) => {
    if (part === '*') return `${any}*`;
    if (part === '?') return any;
    if (part.length > 1 && part.startsWith('[')) return set;
    return part.replace(/^\\(?=.)/, '').replace(/[.+^${}()|\\*?[\]]/, '\\$&');
  });
}
