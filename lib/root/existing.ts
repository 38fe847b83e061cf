import { meant } from '../config/problems';
import type { Config } from '../config/schema';
import { didYouMean } from '../config/suggest';
import { Dock0Error } from '../error';
import { namesInRoot, realInRoot } from './path';
import { readInRoot } from './tree';

/** Places of keys in the configuration, for messages: `commands.chroot.0` -> `dock0.yaml:7:12: commands.chroot.0`. */
export type Places = Readonly<Record<string, string>>;

export function placeIn(places: Places, key: string): string {
  return places[key] ?? key;
}

const UNIT_FOLDERS = [
  'usr/lib/systemd/system',
  'lib/systemd/system',
  'etc/systemd/system',
  'usr/local/lib/systemd/system',
];
const UNIT = /\.(service|socket|device|mount|automount|swap|target|path|timer|slice|scope)$/;

/** @throws Dock0Error naming the units that the image does not have, each with those that are like it */
export function checkUnits(root: string, units: Config['units'], places: Places): void {
  const known = new Set(
    UNIT_FOLDERS.flatMap((folder) => namesInRoot(root, folder)).filter((name) => UNIT.test(name)),
  );
  const missing: string[] = [];
  // Nothing is lost by masking what might come.
  for (const verb of ['enable', 'disable'] as const) {
    for (const [index, stated] of units[verb].entries()) {
      const unit = UNIT.test(stated) ? stated : `${stated}.service`;
      const template = unit.replace(/@.*(?=\.\w+$)/, '@');
      if (known.has(unit) || known.has(template)) continue;
      const at = placeIn(places, `units.${verb}.${index}`);
      missing.push(`${at}: the image has no unit ${unit}${near(unit, known)}`);
    }
  }
  if (missing.length > 0) throw new Dock0Error(missing.join('\n'));
}

/** The nearest unit, else those that have the name in theirs: ssh.service for sshd, nginx.service for nginx-full. */
function near(unit: string, known: ReadonlySet<string>): string {
  const nearest = didYouMean(unit, known);
  if (nearest !== undefined) return meant(nearest);
  const word = unit.replace(/\..*/, '').replace(/@$/, '');
  const alike = [...known].filter((name) => name.includes(word) || word.includes(name.replace(/[@.].*/, '')));
  return alike.length === 0 ? '' : `; there are ${alike.sort().slice(0, 5).join(', ')}`;
}

/**
 * The numbers of an owner `user:group`, by the accounts of the image; numbers need no account.
 *
 * @throws Dock0Error when the image lacks the user or the group, with the one that was meant
 */
export function idsOf(root: string, owner: string, at: string): [user: number, group: number] {
  const [user = '', group = ''] = owner.split(':');
  const idOf = (file: 'passwd' | 'group', name: string): number =>
    /^\d+$/.test(name) ? Number(name) : checkAccount(root, file, name, at);
  return [idOf('passwd', user), idOf('group', group)];
}

/** @returns its number. @throws Dock0Error when the image has no such user or group, with the one that was meant */
export function checkAccount(root: string, file: 'passwd' | 'group', name: string, at: string): number {
  const lines = (readInRoot(root, `etc/${file}`) ?? '').split('\n').map((line) => line.split(':'));
  const found = lines.find(([known]) => known === name);
  if (found !== undefined) return Number(found[2]);
  const names = lines.map(([known = '']) => known).filter(Boolean);
  const what = file === 'passwd' ? 'user' : 'group';
  throw new Dock0Error(`${at}: the image has no ${what} ${name}${meant(didYouMean(name, names))}`);
}

const PROGRAMS = ['usr/local/sbin', 'usr/local/bin', 'usr/sbin', 'usr/bin', 'sbin', 'bin'];

/** Why a command of the configuration was not found, as far as its first word tells. */
export function notFound(command: string | string[], where: string, root: string): string {
  const program =
    typeof command === 'string' ? (/^\s*([\w./+-]+)/.exec(command)?.[1] ?? '') : (command[0] ?? '');
  if (program === '') return '';
  if (program.includes('/'))
    return realInRoot(root, program) === undefined
      ? `: there is no ${program}`
      : `: the interpreter of ${program} is missing`;
  const names = PROGRAMS.flatMap((folder) => namesInRoot(root, folder));
  if (names.includes(program)) return '';
  return `: there is no ${program} ${where}${meant(didYouMean(program, names))}`;
}
