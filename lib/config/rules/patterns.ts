import { takesSystem } from './places';
import { type Checked, isWithin, plainPath } from './rule';

/** Checks the patterns of paths that are not installed: what never matches a path of a package, or takes the system. */
export function checkExclude({ config, wrong, warn }: Checked): void {
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
    else if (not !== '' && !config.exclude.slice(0, at).some((other) => mayMeet(other, pattern)))
      warn(
        keys,
        `${shown} has no effect: no pattern in front of it leaves out anything of that; the last one that matches a path counts`,
      );
  }
}

/** Whether a pattern can leave out something that another one keeps, by what is in front of their first signs. */
function mayMeet(excluded: string, kept: string): boolean {
  if (excluded.startsWith('!')) return false;
  const [one, other] = [excluded, kept].map((pattern) => ({
    text: /^[^*?[\\]*/.exec(pattern)?.[0] ?? '',
    plain: !/[*?[\\]/.test(pattern),
  })) as [Start, Start];
  return isFrom(one, other) || isFrom(other, one);
}

/** The start of a pattern, up to the first sign that stands for others. */
interface Start {
  text: string;
  /** It is the whole pattern: a path, with all that is below it. */
  plain: boolean;
}

function isFrom({ text }: Start, upper: Start): boolean {
  return upper.plain ? isWithin(upper.text, text) : text.startsWith(upper.text);
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
