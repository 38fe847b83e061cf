import { type MapNode, type Node, nodeAt } from './node';
import { referenceTo } from './references';

/** What came from outside, by its reference: `env:HOME`, `secret:TOKEN`. */
export type Outside = Readonly<Record<string, string>>;

/**
 * How a text of the configuration is shown: with references in place of what came from outside, where they were written.
 * The same text at another key is shown as it is.
 */
export type ShownAt = (keys: readonly string[], text: string) => string;

/** @param root the resolved tree that the configuration was made of */
export function shownIn(root: MapNode, outside: Outside): ShownAt {
  const at: ShownAt = (keys, text) => {
    const node = nodeAt(root, keys);
    if (node === undefined) {
      // The only default that is another key's text.
      if (keys.length === 1 && keys[0] === 'hostname') return at(['name'], text);
      const above = nearest(root, keys);
      return above.kind !== 'map' && isFromOutside(above) ? referring(text, outside) : text;
    }
    if (node.kind !== 'scalar') return isFromOutside(node) ? referring(text, outside) : text;
    if (node.shown === undefined || node.value === text) return node.shown ?? text;
    // Validation made another text of it.
    const found = referring(text, outside);
    return found === text ? node.shown : found;
  };
  return at;
}

function nearest(root: MapNode, keys: readonly string[]): Node {
  const above = keys.slice(0, -1);
  return nodeAt(root, above) ?? nearest(root, above);
}

function isFromOutside(node: Node): boolean {
  if (node.kind === 'scalar') return node.shown !== undefined;
  const below = node.kind === 'list' ? node.items : [...node.entries.values()].map(({ value }) => value);
  return below.some(isFromOutside);
}

/** Every occurrence replaced: of a text that is known to have some of it. */
function referring(text: string, outside: Outside): string {
  // The longest first: it may have a shorter one in it.
  return Object.entries(outside)
    .filter(([, value]) => value !== '')
    .sort(([, a], [, b]) => b.length - a.length)
    .reduce((result, [name, value]) => result.replaceAll(value, () => referenceTo(name)), text);
}
