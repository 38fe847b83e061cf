import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Dock0Error } from '../error';
import { mapHost, mapShared } from './map';
import {
  HOSTS,
  hostName,
  hostPath,
  type ImportedFile,
  isKeys,
  type Mapped,
  readStack,
  type Value,
} from './stack';
import { convertTemplates } from './templates';

/** A converted dock0 stack. */
export interface Imported {
  folder: string;
  files: ImportedFile[];
  /** What was not carried over, or means something else here: a line each. */
  notes: string[];
}

/**
 * Converts a dock0 stack to our configuration: `dock0.yaml`, `configs/hosts/NAME.yaml` and converted templates, next to
 * the stack's own files. Writes nothing.
 *
 * @param files the shared configuration, then the hosts'
 * @throws Dock0Error for a file that is missing or not a dock0 configuration
 */
export async function importStack(files: readonly string[], cwd: string): Promise<Imported> {
  const stack = await readStack(files, cwd);
  const templates = await convertTemplates(stack);
  const shared = mapShared(stack, templates.shared === undefined ? undefined : `./${templates.shared}`);
  const hosts = stack.hosts.map((file) => {
    const name = hostName(file.name);
    const own = templates.ofHosts.get(name) ?? [];
    return { name, mapped: mapHost(file, name, stack), own, path: `${HOSTS}/${name}.yaml` };
  });
  const { dump } = await import('js-yaml');
  const yaml = (title: string, { keys, notes }: Mapped, own: readonly string[] = []): string =>
    [
      `# ${title}`,
      ...comments(notes),
      dump(literal(keys), { lineWidth: 110 }) + appended('templates', own),
    ].join('\n');
  const all = { keys: shared.keys, notes: [...shared.notes, ...templates.notes] };
  return {
    folder: stack.folder,
    files: [
      { path: 'dock0.yaml', text: yaml(`Made by \`gulp import-dock0\` from ${stack.shared.name}.`, all) },
      ...hosts.map(({ path, name, mapped, own }) => ({ path, text: yaml(`The host ${name}.`, mapped, own) })),
      ...templates.files,
    ],
    notes: [
      ...all.notes.map(line),
      ...hosts.flatMap(({ name, mapped }) => mapped.notes.map((note) => `${name}: ${line(note)}`)),
    ],
  };
}

/**
 * Writes the files of an import.
 *
 * @throws Dock0Error when one of them exists; nothing is written then
 */
export function writeImported({ folder, files }: Imported): void {
  const there = files.filter(({ path }) => existsSync(join(folder, path))).map(({ path }) => path);
  if (there.length > 0) {
    throw new Dock0Error(`${there.join(', ')}: already there`, {
      hint: 'Move them away: the import overwrites nothing.',
    });
  }
  for (const { path, text } of files) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
}

/** A key that adds folders of the stack to those of the shared configuration. */
function appended(key: string, folders: readonly string[]): string {
  if (folders.length === 0) return '';
  return `${key}: !append ${JSON.stringify(folders.map(hostPath))}\n`;
}

function comments(notes: readonly string[]): string[] {
  if (notes.length === 0) return [];
  return ['#', '# Different here, or not carried over:', ...notes.map((note) => `# - ${line(note)}`)];
}

/** A note in one line, since a line break in it would end the comment. */
function line(note: string): string {
  return note.trim().replace(/\s*\n\s*/g, ' ');
}

/** Escapes `${`, which starts a reference here. */
function literal(value: Value): Value {
  if (typeof value === 'string') return value.replaceAll('${', () => '$${');
  if (Array.isArray(value)) return value.map(literal);
  return isKeys(value)
    ? Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, literal(inner)]))
    : value;
}
