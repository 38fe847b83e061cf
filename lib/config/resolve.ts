import { type GenericSchema, parse } from 'valibot';
import { listed } from './merge';
import {
  fromPlain,
  type ListNode,
  type MapNode,
  type Node,
  nodeAt,
  type Place,
  type ScalarNode,
  toPlain,
} from './node';
import { describe, meant, showKeys } from './problems';
import { type Piece, pieces, referenceTo, splitKeys } from './references';
import { readSecret } from './secrets';
import { absolute, linesAt, type World } from './stated-path';
import { didYouMean } from './suggest';
import { typed } from './typed';
import { whyNothing } from './unknown-key';
import { checkKeys } from './validate';
import { below, treatmentOf } from './walk';

const BUILT_IN: Place = { source: { name: '(default)', folder: '/', lines: false }, line: 0, column: 0 };

/**
 * Resolves a merged tree: replaces references by their values, makes paths absolute and reads lists that are in files.
 */
export class Resolver {
  private readonly done = new Map<string, Node>();
  private readonly busy: string[] = [];
  /** What references brought that are not done yet, by their keys. */
  private readonly brought = new Map<string, Node>();
  private built: Node | undefined;

  constructor(
    private readonly root: MapNode,
    private readonly world: World,
  ) {}

  /** The merged tree, resolved. */
  all(): MapNode {
    return this.at([]) as MapNode;
  }

  /** Another tree, with references to the merged one. */
  other(tree: MapNode): MapNode {
    return this.resolved(tree, this.world.schema, []) as MapNode;
  }

  /** The resolved node at a path of the merged tree, or its default; undefined if there is neither. */
  private at(keys: readonly string[]): Node | undefined {
    const name = showKeys(keys);
    const known = this.done.get(name);
    if (known !== undefined) return known;
    const start = this.busy.indexOf(name);
    if (start !== -1) throw new Cycle([...this.busy.slice(start), name].filter((step) => step !== ''));
    let node: Node = this.root;
    let schema: GenericSchema | undefined = this.world.schema;
    for (const [depth, key] of keys.entries()) {
      if (node.kind === 'scalar') {
        // A reference to a map or list: continue in its target.
        const above = keys.slice(0, depth);
        const target = isReference(node) ? (this.brought.get(showKeys(above)) ?? this.at(above)) : undefined;
        return target && nodeAt(target, keys.slice(depth));
      }
      const next = nodeAt(node, [key]);
      if (next === undefined) return this.default(keys);
      schema = below(schema, node.kind, key);
      node = next;
    }
    this.busy.push(name);
    try {
      const resolved = this.resolved(node, schema, keys);
      this.done.set(name, resolved);
      return resolved;
    } finally {
      this.busy.pop();
    }
  }

  private default(keys: readonly string[]): Node | undefined {
    // The only default that depends on another key.
    if (keys.length === 1 && keys[0] === 'hostname') return this.at(['name']);
    this.built ??= fromPlain(parse(this.world.schema, {}), BUILT_IN);
    return nodeAt(this.built, keys);
  }

  private resolved(node: Node, schema: GenericSchema | undefined, keys: readonly string[]): Node {
    if (node.kind === 'scalar') {
      const value = this.value(node, schema, keys);
      return value.kind === 'scalar'
        ? this.located(value, node, schema, keys)
        : this.fitted(value, node.place, schema, keys);
    }
    if (node.kind === 'list') return this.list(node, schema, keys);
    const entries: MapNode['entries'] = new Map();
    for (const [key, entry] of node.entries) {
      // Nodes of the merged tree go through `at`, so that each is resolved once and cycles are found.
      const mine = nodeAt(this.root, [...keys, key]) === entry.value;
      const value = mine
        ? (this.at([...keys, key]) as Node)
        : this.resolved(entry.value, below(schema, 'map', key), [...keys, key]);
      entries.set(key, { key: entry.key, value });
    }
    return { ...node, entries };
  }

  /** A map or list that a reference brings, treated like one that is stated where the reference is. */
  private fitted(
    target: MapNode | ListNode,
    place: Place,
    schema: GenericSchema | undefined,
    keys: readonly string[],
  ): Node {
    if (schema === undefined) return { ...target, place };
    // A default has no place of its own.
    const node = target.place === BUILT_IN ? fromPlain(toPlain(target), place) : target;
    const name = showKeys(keys);
    checkKeys(node, this.world, { schema, keys });
    this.brought.set(name, node);
    const whole = this.resolved(listed(node, schema), schema, keys);
    this.brought.delete(name);
    return { ...whole, place };
  }

  private list(node: ListNode, schema: GenericSchema | undefined, keys: readonly string[]): Node {
    const { lines, one, except } = treatmentOf(schema);
    const itemSchema = below(schema, 'list', '');
    const items: Node[] = [];
    for (const [index, item] of node.items.entries()) {
      const itemKeys = [...keys, String(index)];
      if (item.kind !== 'scalar') {
        items.push(this.resolved(item, itemSchema, itemKeys));
        continue;
      }
      const value = this.value(item, itemSchema, item.alone ? keys : itemKeys);
      if (value.kind !== 'scalar') {
        const all = item.alone && value.kind === 'list';
        const whole = this.fitted(value, item.place, all ? schema : itemSchema, all ? keys : itemKeys);
        items.push(...(all && whole.kind === 'list' ? whole.items : [whole]));
      } else if (item.alone && one?.includes(String(value.value))) {
        return value;
      } else if (lines && this.isFile(value, item, one, except)) {
        items.push(
          ...linesAt({ value, stated: item, schema: schema as GenericSchema, keys, world: this.world }),
        );
      } else {
        items.push(this.located(value, item, itemSchema, item.alone ? keys : itemKeys));
      }
    }
    return { ...node, items };
  }

  private isFile(value: ScalarNode, item: ScalarNode, one: unknown, except: RegExp | undefined): boolean {
    if (typeof value.value !== 'string' || value.value === '' || value.failed) return false;
    return (item.alone === true || one !== undefined) && !except?.test(value.value);
  }

  /** A scalar with its references replaced, by a node of any kind. */
  private value(node: ScalarNode, schema: GenericSchema | undefined, keys: readonly string[]): Node {
    if (typeof node.value !== 'string' || node.literal || !node.value.includes('${')) return node;
    const parts = pieces(node.value);
    if (parts === undefined) {
      this.world.problems.add(node.place, keys, `\${ without }; write $\${ for a literal \${`);
      return { ...node, failed: true };
    }
    const [first] = parts;
    if (parts.length === 1 && first !== undefined && first.kind !== 'text') {
      const target = this.target(first, node, keys);
      if (target === undefined) return { ...node, failed: true };
      if (target.kind !== 'scalar') return target;
      const value = first.kind === 'env' ? typed(String(target.value), schema) : target.value;
      // From the environment, or a default there, comes a text.
      if (typeof value === 'string') this.reportOtherText(target, keys);
      const { secret = false, failed = false, written, shown } = target;
      return {
        ...{ ...node, value, literal: true, secret, failed },
        ...(written === undefined ? {} : { written }),
        ...(shown === undefined ? {} : { shown }),
      };
    }
    let secret = false;
    let text = '';
    let shown = '';
    for (const part of parts) {
      if (part.kind === 'text') {
        text += part.text;
        shown += part.text;
        continue;
      }
      const target = this.target(part, node, keys);
      if (target === undefined) return { ...node, failed: true };
      if (target.kind !== 'scalar') {
        const what = `\${${part.text}} is ${describe(target)}, which can't be part of a text`;
        this.world.problems.add(node.place, keys, what);
        return { ...node, failed: true };
      }
      if (target.failed) return { ...node, failed: true };
      this.reportOtherText(target, keys);
      secret ||= target.secret === true;
      text += String(target.value ?? '');
      shown += target.shown ?? String(target.value ?? '');
    }
    return { ...node, value: text, literal: true, secret, ...(secret ? { shown } : {}) };
  }

  private target(piece: Piece, node: ScalarNode, keys: readonly string[]): Node | undefined {
    if (piece.kind === 'secret') return this.secret(piece, node, keys);
    if (piece.kind === 'env') {
      const set = this.world.env[piece.name];
      if (set !== undefined && (set !== '' || piece.fallback === undefined)) {
        this.world.outside[`env:${piece.name}`] = set;
        const shown = referenceTo(`env:${piece.name}`);
        return { kind: 'scalar', value: set, place: node.place, secret: true, shown };
      }
      if (piece.fallback !== undefined) {
        const stated: ScalarNode = { kind: 'scalar', value: piece.fallback, place: node.place };
        const value = this.value(stated, undefined, keys);
        return value.kind === 'scalar' && value.failed ? undefined : value;
      }
      const near = didYouMean(piece.name, Object.keys(this.world.env));
      this.world.problems.add(
        node.place,
        keys,
        `\${${piece.text}}: ${piece.name} is not set in the environment${near === undefined ? `; \${${piece.text}:-…} sets a default` : meant(near)}`,
      );
      return undefined;
    }
    const target = splitKeys(piece.text);
    let found: Node | undefined;
    try {
      found = target && this.at(target);
    } catch (error) {
      if (!(error instanceof Cycle)) throw error;
      this.world.problems.add(node.place, keys, `refers to itself: ${error.round.join(' -> ')}`);
      return undefined;
    }
    if (found === undefined && !this.world.problems.broken) {
      this.world.problems.add(node.place, keys, whyNothing(piece.text, this.root, this.world.schema));
    }
    return found;
  }

  private secret({ name, text }: Piece & { kind: 'secret' }, node: ScalarNode, keys: readonly string[]) {
    const file = this.at(['secrets', name]);
    if (file?.kind === 'scalar' && file.failed) return undefined;
    const found = readSecret(name, keys, file && String(toPlain(file)), this.world);
    if ('problem' in found) {
      this.world.problems.add(node.place, keys, `\${${text}}: ${found.problem}`);
      return undefined;
    }
    this.world.outside[`secret:${name}`] = found.text;
    const shown = referenceTo(`secret:${name}`);
    return { kind: 'scalar', value: found.text, place: node.place, secret: true, shown } as const;
  }

  private located(
    value: ScalarNode,
    stated: ScalarNode,
    schema: GenericSchema | undefined,
    keys: readonly string[],
  ): ScalarNode {
    const { path, provider, maybe, verbatim } = treatmentOf(schema);
    if (verbatim && this.reportOtherText(value, keys)) return { ...value, failed: true };
    if (path === undefined || schema === undefined || value.failed) return value;
    const hasToExist = maybe !== true && this.hasToExist(provider);
    return absolute({ value, stated, schema, keys, world: this.world }, hasToExist);
  }

  /** Reports a number that becomes part of a text, and is another text than the file has. @returns whether it is */
  private reportOtherText({ value, written }: ScalarNode, keys: readonly string[]): boolean {
    if (written === undefined) return false;
    const message = `${written.text} would become the text ${value}; put it in quotes`;
    this.world.problems.add(written.place, keys, message);
    return true;
  }

  private hasToExist(provider: string | undefined): boolean {
    if (provider === undefined) return true;
    const chosen = this.at(['kernel', 'provider']);
    return chosen !== undefined && toPlain(chosen) === provider;
  }
}

/** A reference that depends on itself. */
class Cycle extends Error {
  constructor(readonly round: readonly string[]) {
    super(round.join(' -> '));
  }
}

/** Whether a scalar is a single reference. */
function isReference({ value, literal }: ScalarNode): boolean {
  const parts = typeof value === 'string' && !literal ? pieces(value) : undefined;
  return parts?.length === 1 && parts[0]?.kind !== 'text';
}
