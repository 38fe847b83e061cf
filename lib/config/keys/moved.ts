/** Keys that have another name now, by their old paths. */
export const MOVED: ReadonlyMap<string, string> = new Map([
  ['pacman.no_extract', 'it is `exclude` now, with paths that begin with / (/usr/share/doc/*)'],
]);
