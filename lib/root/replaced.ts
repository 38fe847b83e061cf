import { existsSync, readFileSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import type { Notes } from '../config/platform';
import { isWithin, plainPath } from '../config/rules/rule';
import type { Config } from '../config/schema';
import { firstFile } from './first-file';

/** Files that are written for keys, before the overlays are copied. */
const WRITTEN: Readonly<Record<string, readonly (readonly string[])[]>> = {
  'etc/docker/daemon.json': [
    ['docker', 'daemon'],
    ['docker', 'storage'],
    ['logs', 'containers'],
  ],
  'etc/locale.conf': [['locale']],
  'etc/localtime': [['timezone']],
  'etc/vconsole.conf': [['keymap']],
  'root/.ssh/authorized_keys': [['root', 'ssh_keys']],
};

/** Says which keys have no effect because an overlay or a template has the file that is written for them. */
export function checkReplaced(
  { overlay, templates, users }: Config,
  { noEffect }: Pick<Notes, 'noEffect'>,
): void {
  const written = {
    ...WRITTEN,
    ...Object.fromEntries(
      Object.keys(users).map((name) => [
        `home/${name}/.ssh/authorized_keys`,
        [['users', name, 'ssh_keys']] as const,
      ]),
    ),
  };
  for (const folder of overlay)
    for (const [file, all] of Object.entries(written)) {
      if (!existsSync(join(folder, file))) continue;
      for (const keys of all) noEffect(keys, ['overlay'], replaces(join(folder, file)));
    }
  for (const folder of templates)
    for (const [file, all] of Object.entries(written)) {
      const template = [file, `${file}.ejs`].map((name) => join(folder, name)).find(isFile);
      if (template === undefined) continue;
      const code =
        readFileSync(template, 'utf8')
          .match(/<%[\s\S]*?%>/g)
          ?.join('\n') ?? '';
      for (const keys of all)
        if (!mayRead(code, keys[0] as string)) noEffect(keys, ['templates'], replaces(template));
    }
}

function replaces(path: string): string {
  return `${shown(path)} replaces the file that is written for it`;
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() === true;
}

/** Whether the code of a template can have a key in it, which then has its effect by that. */
function mayRead(code: string, key: string): boolean {
  return new RegExp(`\\b(${key}|config|include)\\b`).test(code);
}

/** Says what of the image a volume hides: files of overlays and templates, and what is set on paths. */
export function checkHidden(
  { overlay, templates, permissions, volumes }: Config,
  { warn }: Pick<Notes, 'warn'>,
): void {
  const places = Object.entries(volumes).map(([name, { path }]) => [name, plainPath(path)] as const);
  const why = (name: string, path: string): string =>
    `the machine has the volume ${name} on ${path}, which hides what the image has there`;
  for (const [key, folders] of Object.entries({ overlay, templates }))
    for (const [at, folder] of folders.entries())
      for (const [name, path] of places) {
        const file = firstFile(join(folder, path));
        if (file !== undefined) warn([key, String(at)], `${shown(file)} has no effect: ${why(name, path)}`);
      }
  for (const stated of Object.keys(permissions)) {
    const place = places.find(([, path]) => isWithin(path, plainPath(stated)));
    if (place !== undefined) warn(['permissions', stated], `has no effect: ${why(...place)}`);
  }
}

function shown(path: string): string {
  return relative(process.cwd(), path) || path;
}
