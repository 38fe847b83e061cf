import { chmodSync, chownSync, lstatSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import type { Config } from '../config/schema';
import { Dock0Error } from '../error';
import { checkAccount, type Places, placeIn } from './existing';
import { fileInRoot, inRoot, realInRoot } from './path';
import { place, readInRoot, textFile } from './tree';

type User = Config['users'][string];

/** Where users are stated, for `makeUsers`. */
export function placeOfUser(places: Places): (keys: readonly string[]) => string {
  return (keys) => placeIn(places, keys.join('.'));
}

/** A line of one of the files of accounts. */
type Fields = string[];

/**
 * Makes users, or brings those of the layer below up to date: their lines in the files of accounts (passwd(5), shadow(5),
 * group(5), gshadow(5)), a home folder, keys for SSH, and leave to use sudo. Numbers follow from the image and the order of
 * the names.
 *
 * @param placeOf where the configuration states a key of a user, for messages
 * @throws Dock0Error when the image has a system user of that name, or lacks a group, a shell or sudo
 */
export function makeUsers(
  root: string,
  users: Readonly<Record<string, User>>,
  placeOf: (keys: readonly string[]) => string,
): void {
  // Stated numbers first: no other user gets one of them.
  const order = Object.entries(users).sort(
    ([a, { uid: one = 60_000 }], [b, { uid: other = 60_000 }]) => one - other || (a < b ? -1 : 1),
  );
  for (const [name, user] of order)
    makeUser(root, name, user, (...keys) => placeOf(['users', name, ...keys]));
}

function makeUser(root: string, name: string, user: User, placeOf: (...keys: string[]) => string): void {
  const passwd = linesOf(root, 'etc/passwd');
  if (passwd.length === 0) throw new Dock0Error(`${placeOf()}: the image has no /etc/passwd`);
  const uid = numberOf(name, user, passwd, placeOf);
  const groups = linesOf(root, 'etc/group');
  const gid = groups.find(([known]) => known === name)?.[2] ?? String(freeNumber(uid, groups));
  const shell = shellOf(root, user, placeOf);
  for (const [at, group] of user.groups.entries())
    checkAccount(root, 'group', group, placeOf('groups', String(at)));
  put(root, 'etc/passwd', [name, 'x', String(uid), gid, '', `/home/${name}`, shell]);
  const hash = user.password === 'locked' ? '!*' : user.password;
  put(root, 'etc/shadow', [name, hash, '', '0', '99999', '7', '', '', '']);
  if (!groups.some(([known]) => known === name)) {
    put(root, 'etc/group', [name, 'x', gid, '']);
    put(root, 'etc/gshadow', [name, '!', '', '']);
  }
  for (const file of ['etc/group', 'etc/gshadow']) setMembership(root, file, name, user.groups);
  makeHome(root, name, user.ssh_keys, [uid, Number(gid)]);
  if (user.sudo) allowSudo(root, name, placeOf);
}

function numberOf(
  name: string,
  { uid }: User,
  passwd: Fields[],
  placeOf: (...keys: string[]) => string,
): number {
  const there = Number(passwd.find(([known]) => known === name)?.[2]);
  if (there < FIRST)
    throw new Dock0Error(
      `${placeOf()}: the image has a system user ${name}, number ${there}: choose another name`,
    );
  const other = passwd.find(
    ([known, , number]) => known !== name && uid !== undefined && Number(number) === uid,
  )?.[0];
  if (other !== undefined)
    throw new Dock0Error(`${placeOf('uid')}: the image has a user with the number ${uid}, ${other}`);
  if (uid !== undefined) return uid;
  return Number.isNaN(there) ? freeNumber(FIRST, passwd) : there;
}

/** The first number for people (login.defs(5), UID_MIN). */
const FIRST = 1000;

function freeNumber(from: number, lines: Fields[]): number {
  const taken = new Set(lines.map((fields) => Number(fields[2])));
  let number = from;
  while (taken.has(number)) number++;
  return number;
}

function shellOf(root: string, { shell }: User, placeOf: (...keys: string[]) => string): string {
  if (shell === undefined) return realInRoot(root, 'bin/bash') === undefined ? '/bin/sh' : '/bin/bash';
  if (realInRoot(root, shell) === undefined)
    throw new Dock0Error(`${placeOf('shell')}: the image has no ${shell}`, {
      hint: 'Add the package that brings it to `packages`.',
    });
  return shell;
}

/** Sets the members of the groups that a user is in, and takes it out of those that it is not. */
function setMembership(root: string, file: string, user: string, groups: readonly string[]): void {
  change(root, file, (fields) => {
    const members = (fields.at(-1) ?? '').split(',').filter((name) => name !== '' && name !== user);
    const wanted = groups.includes(fields[0] ?? '') ? [...members, user] : members;
    return [...fields.slice(0, -1), wanted.join(',')];
  });
}

function makeHome(root: string, name: string, keys: readonly string[], owner: [number, number]): void {
  // What the image has in its place, a link to somewhere else perhaps, is not a home.
  const make = (path: string): void => {
    const folder = inRoot(root, path);
    if (!lstatSync(folder, { throwIfNoEntry: false })?.isDirectory()) {
      rmSync(folder, { force: true });
      mkdirSync(folder);
    }
    chmodSync(folder, 0o700);
    chownSync(folder, ...owner);
  };
  if (realInRoot(root, 'home') === undefined)
    place(root, [{ path: 'home', source: 'home', kind: 'folder', mode: 0o755 }]);
  make(`home/${name}`);
  if (keys.length === 0) return;
  make(`home/${name}/.ssh`);
  const file = textFile(
    `home/${name}/.ssh/authorized_keys`,
    keys.map((line) => `${line.trim()}\n`).join(''),
    0o600,
  );
  place(root, [file]);
  chownSync(inRoot(root, file.path), ...owner);
}

function allowSudo(root: string, name: string, placeOf: (...keys: string[]) => string): void {
  if (realInRoot(root, 'usr/bin/sudo') === undefined)
    throw new Dock0Error(`${placeOf('sudo')}: the image has no sudo`, { hint: 'Add sudo to `packages`.' });
  place(root, [textFile(`etc/sudoers.d/dock0-${name}`, `${name} ALL=(ALL:ALL) NOPASSWD: ALL\n`, 0o440)]);
}

function linesOf(root: string, path: string): Fields[] {
  return (readInRoot(root, path) ?? '')
    .split('\n')
    .filter(Boolean)
    .map((line) => line.split(':'));
}

/** Adds a line, or replaces the one with the same name. Files that an image lacks it does without. */
function put(root: string, path: string, line: Fields): void {
  const lines = linesOf(root, path);
  const at = lines.findIndex(([name]) => name === line[0]);
  write(root, path, at < 0 ? [...lines, line] : lines.with(at, line));
}

function change(root: string, path: string, each: (fields: Fields) => Fields): void {
  write(root, path, linesOf(root, path).map(each));
}

/** Mode and owner of the file stay. */
function write(root: string, path: string, lines: Fields[]): void {
  const file = fileInRoot(root, path);
  const text = lines.map((fields) => `${fields.join(':')}\n`).join('');
  if (file !== undefined && text !== readInRoot(root, path)) writeFileSync(file, text);
}
