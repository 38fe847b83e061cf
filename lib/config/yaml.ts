import {
  CORE_SCHEMA,
  constructFromEvents,
  EVENT_ID,
  type Event,
  getScalarValue,
  parseEvents,
  SCALAR_STYLE,
  type ScalarEvent,
  YAMLException,
} from 'js-yaml';
import type { Entry, MapNode, Node, Place, ScalarNode, Source } from './node';
import type { Problems } from './problems';
import { explainYaml } from './yaml-problems';
import { Aliases, keyProblem, numberProblem, TOO_MANY } from './yaml-values';

/** What else than YAML of our own is read. */
type Dialect = 'core' | 'compose';

/** Tags by which a file of Compose replaces or removes what another one has. */
const OF_COMPOSE = ['!reset', '!override'];

type Container = Extract<Event, { tagStart: number }>;

/**
 * Reads YAML 1.2 (core schema, with the merge keys of YAML 1.1) into nodes with their places. js-yaml parses and
 * resolves scalars; this composes its events, with lines and columns.
 *
 * @param text a single document
 * @param keys where the value is to go, for problems
 * @param dialect compose: with the tags of Compose, and numbers as it reads them (0440 is octal)
 * @returns undefined for an empty document, and for an invalid one, which is then among the problems
 */
export function readYaml(
  text: string,
  source: Source,
  problems: Problems,
  keys: readonly string[] = [],
  dialect: Dialect = 'core',
): Node | undefined {
  try {
    const events = parseEvents(text, {});
    return new Composer(text, source, problems, events, dialect).compose(keys);
  } catch (error) {
    if (!(error instanceof YAMLException)) throw error;
    const { place, message } = explainYaml(error, text, source);
    problems.add(place, [], message);
    problems.broken = true;
    return undefined;
  }
}

class Composer {
  private at = 0;
  private readonly anchors = new Map<string, Node>();
  private readonly lineStarts = [0];
  private readonly aliases = new Aliases();
  /** The end of the last thing with a place. */
  private behind = 0;

  constructor(
    private readonly input: string,
    private readonly source: Source,
    private readonly problems: Problems,
    private readonly events: Event[],
    private readonly dialect: Dialect,
  ) {
    for (let i = input.indexOf('\n'); i !== -1; i = input.indexOf('\n', i + 1)) this.lineStarts.push(i + 1);
  }

  compose(keys: readonly string[]): Node | undefined {
    let root: Node | undefined;
    let documents = 0;
    while (this.at < this.events.length) {
      this.at++;
      documents++;
      const first = this.events[this.at];
      if (first !== undefined && first.type !== EVENT_ID.POP) {
        const node = this.node(keys);
        if (documents === 1) root = node;
        else if (documents === 2) this.problems.add(node.place, [], 'expected one YAML document, found more');
      }
      this.at++;
    }
    return root;
  }

  private node(keys: readonly string[]): Node {
    const event = this.events[this.at++] as Event;
    switch (event.type) {
      case EVENT_ID.SCALAR:
        return this.anchored(event, this.scalar(event, keys));
      case EVENT_ID.SEQUENCE:
        return this.anchored(event, this.list(event, keys));
      case EVENT_ID.MAPPING:
        return this.anchored(event, this.map(event, keys));
      case EVENT_ID.ALIAS: {
        const name = this.input.slice(event.anchorStart, event.anchorEnd);
        const place = this.place(event.anchorStart - 1);
        const target = this.anchors.get(name);
        if (target === undefined) this.problems.add(place, keys, `*${name}: no such anchor above`);
        if (target !== undefined && this.aliases.add(target)) return target;
        if (target !== undefined && this.aliases.overflow()) {
          this.problems.add(place, [], TOO_MANY);
          this.problems.broken = true;
        }
        return { kind: 'scalar', value: null, place, failed: true };
      }
      default:
        throw new Error(`YAML event ${event.type} where a node belongs`);
    }
  }

  private anchored(event: Container, node: Node): Node {
    if (event.anchorStart !== -1) {
      this.anchors.set(this.input.slice(event.anchorStart, event.anchorEnd), node);
    }
    return node;
  }

  private scalar(event: ScalarEvent, keys: readonly string[]): Node {
    const place = this.scalarPlace(event);
    const tag = this.tag(event);
    if (this.isForeign(tag)) return this.resolved({ ...event, tagStart: -1, tagEnd: -1 }, place, keys);
    if (tag === '!append') {
      const item = this.resolved({ ...event, tagStart: -1, tagEnd: -1 }, place, keys);
      return { kind: 'list', items: [{ ...item, alone: true }], append: true, place };
    }
    return this.resolved(event, place, keys);
  }

  private resolved(event: ScalarEvent, place: Place, keys: readonly string[]): ScalarNode {
    const plain = event.style === SCALAR_STYLE.PLAIN || event.tagStart !== -1;
    const text = getScalarValue(this.input, event);
    const value = (plain ? this.construct(event) : text) as ScalarNode['value'];
    const problem =
      typeof value === 'number' && this.dialect === 'core' ? numberProblem(text, value) : undefined;
    if (problem === undefined) {
      const same = typeof value === 'string' || value === null || text === String(value);
      return { kind: 'scalar', value, place, ...(same ? {} : { written: { text, place } }) };
    }
    this.problems.add(place, keys, problem);
    return { kind: 'scalar', value, place, failed: true };
  }

  /** The value of a plain or tagged scalar, as the core schema has it. */
  private construct(event: ScalarEvent): unknown {
    return constructFromEvents(
      [
        { type: EVENT_ID.DOCUMENT, explicitStart: false, explicitEnd: false, directives: [] },
        { ...event, anchorStart: -1, anchorEnd: -1 },
        { type: EVENT_ID.POP },
      ],
      { source: this.input, schema: CORE_SCHEMA },
    )[0];
  }

  private list(event: Container & { start: number }, keys: readonly string[]): Node {
    const place = this.place(event.start);
    const tag = this.tag(event);
    if (tag !== '' && tag !== '!append' && tag !== '!!seq' && !this.isForeign(tag))
      this.unknownTag(tag, place, keys);
    const items: Node[] = [];
    while (!this.ended()) items.push(this.node([...keys, String(items.length)]));
    return { kind: 'list', items, append: tag === '!append', place };
  }

  private map(event: Container & { start: number }, keys: readonly string[]): MapNode {
    const place = this.place(event.start);
    const tag = this.tag(event);
    if (tag === '!append') this.problems.add(place, keys, 'maps merge by themselves; leave !append out');
    else if (tag !== '' && tag !== '!!map' && !this.isForeign(tag)) this.unknownTag(tag, place, keys);
    const entries = new Map<string, Entry>();
    const merged: Node[] = [];
    while (!this.ended()) {
      const event = this.events[this.at] as Event;
      if (event.type !== EVENT_ID.SCALAR) {
        const key = this.node(keys);
        this.node(keys);
        this.problems.add(key.place, keys, 'expected a string as key, found something else');
        continue;
      }
      this.at++;
      const key = this.scalarPlace(event);
      const name = getScalarValue(this.input, event);
      const value = this.node([...keys, name]);
      if (name === '<<' && event.style === SCALAR_STYLE.PLAIN) {
        merged.push(value);
        continue;
      }
      const reserved = keyProblem(name);
      if (reserved !== undefined) {
        this.problems.add(key, [...keys, name], reserved);
        continue;
      }
      const before = entries.get(name);
      if (before !== undefined) {
        this.problems.add(key, [...keys, name], `duplicate key, first on line ${before.key.line}`);
      }
      entries.set(name, { key, value });
    }
    for (const node of merged) this.merge(entries, node, keys);
    return { kind: 'map', entries, place };
  }

  /** `<<`: adds the keys of one map or of several that are not set here; the first map with a key wins. */
  private merge(entries: Map<string, Entry>, node: Node, keys: readonly string[]): void {
    for (const map of node.kind === 'list' ? node.items : [node]) {
      if (map.kind !== 'map') {
        this.problems.add(map.place, [...keys, '<<'], 'expected a map or a list of maps to merge');
        continue;
      }
      for (const [name, entry] of map.entries) {
        const own = entries.get(name);
        if (own === undefined) entries.set(name, entry);
        else if (own.value.kind === 'scalar' && own.value.value === null)
          entries.set(name, { ...own, value: { ...own.value, removes: true } });
      }
    }
  }

  private ended(): boolean {
    if (this.events[this.at]?.type !== EVENT_ID.POP) return false;
    this.at++;
    return true;
  }

  private scalarPlace(event: ScalarEvent): Place {
    const start = scalarStart(event);
    if (start !== -1) return this.place(start, event.valueEnd);
    // An empty scalar has no position: take that of the dash, colon or comma before it.
    const blank = /(?:\s|#.*)*/y;
    blank.lastIndex = this.behind;
    blank.exec(this.input);
    return this.place(/[-:,?]/.test(this.input[blank.lastIndex] ?? '') ? blank.lastIndex : this.behind);
  }

  private tag(event: Container): string {
    return event.tagStart === -1 ? '' : this.input.slice(event.tagStart, event.tagEnd);
  }

  private isForeign(tag: string): boolean {
    return this.dialect === 'compose' && OF_COMPOSE.includes(tag);
  }

  private unknownTag(tag: string, place: Place, keys: readonly string[]): void {
    this.problems.add(place, keys, `unknown tag ${tag}; lists may have !append`);
  }

  private place(offset: number, end = offset): Place {
    this.behind = end;
    let low = 0;
    let high = this.lineStarts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((this.lineStarts[middle] as number) <= offset) low = middle;
      else high = middle - 1;
    }
    return { source: this.source, line: low + 1, column: offset - (this.lineStarts[low] as number) + 1 };
  }
}

/** Where a scalar starts: at its tag if it has one, else at its quote or first character. */
function scalarStart(event: ScalarEvent): number {
  if (event.tagStart !== -1) return event.tagStart;
  const quoted = event.style === SCALAR_STYLE.SINGLE_QUOTED || event.style === SCALAR_STYLE.DOUBLE_QUOTED;
  return quoted ? event.valueStart - 1 : event.valueStart;
}
