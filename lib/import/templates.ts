import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { messageOf } from '../error';
import { renderTemplate } from '../streams/template';
import { namedTexts } from './changes';
import { convertErb } from './erb';
import { pathsOf, varsOf } from './map';
import { filesBelow, hostName, type ImportedFile, isKeys, type Keys, type Stack, type Value } from './stack';

/** The converted templates of a stack. */
export interface Templates {
  files: ImportedFile[];
  /** The folder of those for all hosts and for builds without a host; undefined if there are none. */
  shared: string | undefined;
  /** The folders of those that need keys of hosts, by the host's name. */
  ofHosts: Map<string, string[]>;
  notes: string[];
}

interface Source {
  /** Its path in the image, without a leading slash. */
  path: string;
  /** The file, relative to the stack's folder. */
  from: string;
  inOverlay: boolean;
}

/** What a template is rendered for: a host, or none. */
interface Reader {
  name: string;
  /** The variables of a converted template. */
  values: { hostname: Value; vars: Keys };
}

/**
 * Converts templates. The first dock0 rendered listed files of the overlay in place; later ones had a folder of
 * templates. Both become files of a new folder, which is copied over the overlay. dock0 rendered for one host at a time;
 * here the shared folder is rendered without a host too. So each template is rendered once to see if that works: one
 * that fails without a host goes to a folder that the hosts' own files name.
 */
export async function convertTemplates(stack: Stack): Promise<Templates> {
  const { default: ejs } = await import('ejs');
  const folder = existsSync(join(stack.folder, 'templates')) ? 'templates-ejs' : 'templates';
  const { nobody, hosts } = readers(stack);
  const result: Templates = { files: [], shared: undefined, ofHosts: new Map(), notes: [] };
  for (const source of sources(stack, result.notes)) {
    const { path, from } = source;
    const { text, left } = convertErb(stack.read(from));
    if (left.length > 0) {
      const ruby = left.map((code) => `<% ${code} %>`).join(' ');
      result.notes.push(`${from}: left out; rewrite this Ruby as JavaScript: ${ruby}`);
      continue;
    }
    const fails = ({ name, values }: Reader): { name: string; why: string }[] => {
      try {
        renderTemplate(ejs, { file: join(stack.folder, from), folder: stack.folder, text }, values);
        return [];
      } catch (error) {
        return [{ name, why: messageOf(error) }];
      }
    };
    const failed = hosts.flatMap(fails);
    result.notes.push(...failed.map(({ name, why }) => `${from}: left out for the host ${name}: ${why}`));
    const good = hosts.map(({ name }) => name).filter((name) => !failed.some((each) => each.name === name));
    if (failed.length === 0 && fails(nobody).length === 0) {
      result.shared = folder;
      result.files.push({ path: join(folder, `${path}.ejs`), text });
    } else if (good.length > 0 || hosts.length === 0) {
      const own = `${folder}-${failed.length === 0 ? 'hosts' : good.join('+')}`;
      result.files.push({ path: join(own, `${path}.ejs`), text });
      for (const name of good)
        result.ofHosts.set(name, [...new Set([...(result.ofHosts.get(name) ?? []), own])]);
      result.notes.push(ownNote(source, own, text, nobody, hosts.length > 0));
    }
  }
  return result;
}

/** Why a template is not among the shared ones, and where it is. */
function ownNote(
  { from, inOverlay }: Source,
  own: string,
  text: string,
  nobody: Reader,
  used: boolean,
): string {
  const lacking = readBy(text).filter((key) => !(key in nobody.values.vars));
  const what = lacking.length > 0 ? lacking.join(', ') : 'something';
  const where = used ? `the hosts' own files name ${own}` : `add ${own} to the \`templates\` of each host`;
  const raw = inOverlay ? '; a build without a host has the file as it is in the overlay' : '';
  return `${from}: it reads ${what}, which the shared configuration does not set: ${where}${raw}`;
}

function readers({ shared, hosts }: Stack): { nobody: Reader; hosts: Reader[] } {
  const vars = varsOf(shared.keys);
  const reader = (name: string, keys: Keys): Reader => {
    const hostname = keys.hostname ?? shared.keys.hostname ?? name;
    return { name, values: { hostname, vars: merged(vars, varsOf(keys)) } };
  };
  return {
    nobody: reader('dock0', {}),
    hosts: hosts.map(({ name, keys }) => reader(hostName(name), keys)),
  };
}

function sources(stack: Stack, notes: string[]): Source[] {
  const paths = pathsOf(stack);
  const listed = namedTexts('templates', stack.shared.keys.templates, notes).map((path) => {
    const bare = path.replace(/^\/+/, '');
    return { path: bare, from: join(paths.overlay, bare), inOverlay: true };
  });
  const there = listed.filter(({ from }) => {
    const found = existsSync(join(stack.folder, from));
    if (!found) notes.push(`templates: there is no ${from}`);
    return found;
  });
  const placed = filesBelow(join(stack.folder, paths.templates)).map((path) => {
    return { path, from: join(paths.templates, path), inOverlay: false };
  });
  return [...there, ...placed];
}

/** Merges like configurations stack: maps merge deeply, anything else is replaced. */
function merged(below: Keys, above: Keys): Keys {
  const both = Object.entries(above).map(([key, value]) => {
    const under = below[key];
    return [key, isKeys(value) && isKeys(under) ? merged(under, value) : value];
  });
  return { ...below, ...Object.fromEntries(both) };
}

/** The keys of `vars` that a converted template names. */
function readBy(text: string): string[] {
  const found = [...text.matchAll(/\bvars(?:\.(\w+)|\["([^"]+)"\])/g)].map(
    ([, key, quoted]) => key ?? quoted,
  );
  return [...new Set(found)].filter((key) => key !== undefined);
}
