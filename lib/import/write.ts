import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { basename, dirname, extname, join } from 'node:path';
import { Dock0Error } from '../error';
import { convertErb } from './erb';
import { type Mapped, mapHost, mapShared, pathsOf } from './map';
import { filesBelow, isKeys, readStack, type Stack, textsOf, type Value } from './stack';

/** A file that the import writes. */
export interface ImportedFile {
  /** Relative to the stack's folder. */
  path: string;
  text: string;
}

/** What a dock0 stack comes to. */
export interface Imported {
  folder: string;
  files: ImportedFile[];
  /** What was not carried over, or is something else here: a line each. */
  notes: string[];
}

/**
 * Turns a dock0 stack into a configuration of ours: `dock0.yaml`, `configs/hosts/NAME.yaml` and converted templates,
 * beside what the stack has. Writes nothing.
 *
 * @param files the shared configuration, then the hosts'
 * @throws Dock0Error for a file that is missing or no dock0 configuration
 */
export async function importStack(files: readonly string[], cwd: string): Promise<Imported> {
  const stack = await readStack(files, cwd);
  const templates = convertTemplates(stack);
  const shared = mapShared(stack, templates.files.length > 0 ? `./${templates.folder}` : undefined);
  const hosts = stack.hosts.map((file) => {
    const name = basename(file.name, extname(file.name));
    return { name, mapped: mapHost(file, name, stack), path: `configs/hosts/${name}.yaml` };
  });
  const { dump } = await import('js-yaml');
  const yaml = (title: string, { keys, notes }: Mapped): string =>
    [`# ${title}`, ...comments(notes), dump(literal(keys), { lineWidth: 110 })].join('\n');
  return {
    folder: stack.folder,
    files: [
      { path: 'dock0.yaml', text: yaml(`Made by \`gulp import-dock0\` from ${stack.shared.name}.`, shared) },
      ...hosts.map(({ path, name, mapped }) => ({ path, text: yaml(`The host ${name}.`, mapped) })),
      ...templates.files,
    ],
    notes: [
      ...shared.notes,
      ...templates.notes,
      ...hosts.flatMap(({ name, mapped }) => mapped.notes.map((note) => `${name}: ${note}`)),
    ],
  };
}

/**
 * Writes the files of an import.
 *
 * @throws Dock0Error when one of them is there already; nothing is written then
 */
export function writeImported({ folder, files }: Imported): void {
  const there = files.filter(({ path }) => existsSync(join(folder, path))).map(({ path }) => path);
  if (there.length > 0) {
    throw new Dock0Error(`${there.join(', ')}: there already`, {
      hint: 'Move them away; the import overwrites nothing.',
    });
  }
  for (const { path, text } of files) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
}

interface Templates {
  folder: string;
  files: ImportedFile[];
  notes: string[];
}

/**
 * The first dock0 rendered listed files of the overlay in place; later ones had a folder of templates. Either way they
 * become files of a folder beside them, which is laid over the overlay.
 */
function convertTemplates(stack: Stack): Templates {
  const paths = pathsOf(stack);
  const listed = textsOf(stack.shared.keys.templates).map((path) => path.replace(/^\/+/, ''));
  const sources = [
    ...listed.map((path) => ({ path, from: join(paths.overlay, path) })),
    ...filesBelow(join(stack.folder, paths.templates)).map((path) => ({
      path,
      from: join(paths.templates, path),
    })),
  ];
  const folder = existsSync(join(stack.folder, 'templates')) ? 'templates-ejs' : 'templates';
  const files: ImportedFile[] = [];
  const notes: string[] = [];
  for (const { path, from } of sources) {
    if (!existsSync(join(stack.folder, from))) {
      notes.push(`templates: ${from} is not there`);
      continue;
    }
    const { text, left } = convertErb(stack.read(from));
    if (left.length > 0) {
      notes.push(
        `${from}: left out, since this Ruby has to be written as JavaScript: ${left.map((code) => `<% ${code} %>`).join(' ')}`,
      );
    } else files.push({ path: join(folder, `${path}.ejs`), text });
  }
  return { folder, files, notes };
}

function comments(notes: readonly string[]): string[] {
  if (notes.length === 0) return [];
  return ['#', '# Something else here, or not carried over:', ...notes.map((note) => `# - ${note}`)];
}

/** `${` begins a reference here. */
function literal(value: Value): Value {
  if (typeof value === 'string') return value.replaceAll('${', () => '$${');
  if (Array.isArray(value)) return value.map(literal);
  return isKeys(value)
    ? Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, literal(inner)]))
    : value;
}
