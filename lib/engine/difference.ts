import type { Json } from '../json';
import type { FileRecord, FingerprintRecord } from './fingerprint';

const MOST = 40;

/**
 * Says how two fingerprint records differ, one line an input: `overlay/etc/motd changed: 3f2a… -> 90bc…`,
 * `packages: + htop`, `squash.level: 3 -> 15`. Empty when nothing differs.
 */
export function differences(old: FingerprintRecord, now: FingerprintRecord): string[] {
  return [
    ...(old.version === now.version ? [] : [`the step itself: version ${old.version} -> ${now.version}`]),
    ...valueDifferences('', old.values, now.values),
    ...roleDifferences(old.files, now.files),
    ...fileDifferences(old.files, now.files),
    ...mapDifferences(
      old.tools,
      now.tools,
      (name, from, to) => `${name}: version ${from ?? 'none'} -> ${to ?? 'none'}`,
    ),
    ...mapDifferences(old.needs, now.needs, (name) => `${name} changed`),
  ];
}

function valueDifferences(path: string, old: Json | undefined, now: Json | undefined): string[] {
  if (JSON.stringify(old) === JSON.stringify(now)) return [];
  if (isList(old) && isList(now) && [...old, ...now].every(isScalar)) return listDifferences(path, old, now);
  if (isMap(old) && isMap(now)) {
    const changes = [...new Set([...Object.keys(old), ...Object.keys(now)])]
      .sort()
      .flatMap((key) => valueDifferences(path === '' ? key : `${path}.${key}`, old[key], now[key]));
    return changes.length > 0 || path === '' ? changes : [`${path}: the order changed`];
  }
  return [`${path}: ${shown(old)} -> ${shown(now)}`];
}

function listDifferences(path: string, old: Json[], now: Json[]): string[] {
  const added = now.filter((item) => !old.includes(item)).map((item) => `${path}: + ${shown(item)}`);
  const removed = old.filter((item) => !now.includes(item)).map((item) => `${path}: - ${shown(item)}`);
  return added.length + removed.length === 0 ? [`${path}: the order changed`] : [...added, ...removed];
}

function fileDifferences(old: readonly FileRecord[], now: readonly FileRecord[]): string[] {
  const changes = mapDifferences(flat(old), flat(now), (label, from, to) => {
    if (from === undefined) return `${label} is new`;
    if (to === undefined) return `${label} is gone`;
    const [oldMode, oldHash] = from.split(' ');
    const [newMode, newHash] = to.split(' ');
    return oldHash === newHash
      ? `${label}: mode ${oldMode} -> ${newMode}`
      : `${label} changed: ${brief(oldHash)} -> ${brief(newHash)}`;
  });
  if (changes.length > 0) return changes;
  const order = (files: readonly FileRecord[]): string => files.map(({ name }) => name).join(', ');
  const [was, is] = [order(old), order(now)];
  return was === is ? [] : [`files: the order changed: ${was} -> ${is}`];
}

/** Every path with what it is; one that is used in several ways is there once for each. */
function flat(files: readonly FileRecord[]): { [label: string]: string } {
  const all: { [label: string]: string } = {};
  const used = new Map<string, string>();
  const add = (path: string, role: string, digest: string): void => {
    const other = used.get(path);
    if (other === undefined) used.set(path, role);
    all[other === undefined || other === role ? path : `${path} (${role})`] = digest;
  };
  for (const { role, name, digest } of files) {
    if (typeof digest === 'string') add(name, role, digest);
    else for (const [path, entry] of Object.entries(digest)) add(`${name}/${path}`, role, entry);
  }
  return all;
}

/** Files that are used in another way than before. */
function roleDifferences(old: readonly FileRecord[], now: readonly FileRecord[]): string[] {
  const roles = (files: readonly FileRecord[]): { [name: string]: string } =>
    Object.fromEntries(files.map(({ role, name }) => [name, role]));
  return mapDifferences(roles(old), roles(now), (name, from, to) =>
    from === undefined || to === undefined ? '' : `${name} is used as ${to}, it was ${from}`,
  ).filter((line) => line !== '');
}

function mapDifferences(
  old: { [key: string]: string },
  now: { [key: string]: string },
  say: (key: string, from: string | undefined, to: string | undefined) => string,
): string[] {
  return [...new Set([...Object.keys(old), ...Object.keys(now)])]
    .sort()
    .filter((key) => old[key] !== now[key])
    .map((key) => say(key, old[key], now[key]));
}

/** The first of many lines, and how many more there are. */
export function brieflyListed(lines: string[], most = MOST): string[] {
  return lines.length <= most ? lines : [...lines.slice(0, most), `… and ${lines.length - most} more`];
}

function brief(hash: string | undefined): string {
  return hash === undefined ? 'none' : hash.length > 16 ? `${hash.slice(0, 8)}…` : hash;
}

function shown(value: Json | undefined): string {
  if (value === undefined) return 'absent';
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return text.length > 80 ? `${text.slice(0, 77)}…` : text;
}

function isScalar(value: Json): boolean {
  return value === null || typeof value !== 'object';
}

function isList(value: Json | undefined): value is Json[] {
  return Array.isArray(value);
}

function isMap(value: Json | undefined): value is { [key: string]: Json | undefined } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
