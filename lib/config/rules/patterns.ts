import { takesSystem } from './places';
import { type Checked, plainPath } from './rule';

/** Checks the patterns of paths that are not installed: what never matches a path of a package, or takes the system. */
export function checkExclude({ config, wrong }: Checked): void {
  for (const [at, stated] of config.exclude.entries()) {
    const keys = ['exclude', String(at)];
    const shown = JSON.stringify(stated);
    const [, not = '', pattern = ''] = /^(!?)(.*)$/.exec(stated) ?? [];
    const names = pattern.split('/').slice(1);
    const brackets = bracketProblem(pattern);
    if (not === '' && takesSystem(pattern))
      wrong(keys, `expected paths that a machine can start without, found ${shown}`);
    else if (brackets !== undefined) wrong(keys, `${brackets}, found ${shown}`);
    else if (names.some((name) => ['', '.', '..'].includes(name)))
      wrong(
        keys,
        `has no effect: no package has a path like ${shown}; did you mean ${JSON.stringify(not + straight(pattern))}?`,
      );
  }
}

/** A path without `//`, `.`, `..` and a slash at its end. */
function straight(pattern: string): string {
  const names: string[] = [];
  for (const name of plainPath(pattern).slice(1).split('/')) {
    if (name === '..') names.pop();
    else names.push(name);
  }
  return `/${names.join('/')}`;
}

/** What is wrong with the brackets of a pattern. */
export function bracketProblem(pattern: string): string | undefined {
  for (const part of pattern.split('/')) {
    for (let at = part.indexOf('['); at !== -1; at = part.indexOf('[', at)) {
      // A bracket right behind the opening one is a letter like others: []x]
      const set = /^\[[!^]?\]?(?:\[:\w+:\]|[^\]])*\]/.exec(part.slice(at));
      if (set === null) return 'expected ] behind each [ (a [ itself is [[])';
      for (const [range, low = '', high = ''] of set[0].slice(1, -1).matchAll(/([^-])-([^-])/g))
        if (low > high) return `expected a range that goes up, not ${range}`;
      at += set[0].length;
    }
  }
  return undefined;
}
