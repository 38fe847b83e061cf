import { writeFileSync } from 'node:fs';
import { checkAccount } from './existing';
import { fileInRoot } from './path';
import { readInRoot } from './tree';

/** The files with a line for each user, which begins with the name (passwd(5), shadow(5), subuid(5)). */
const OF_USERS = ['etc/passwd', 'etc/shadow', 'etc/subuid', 'etc/subgid'];
/** The files with a line for each group; the last field has the members (group(5), gshadow(5)). */
const OF_GROUPS = ['etc/group', 'etc/gshadow'];

/**
 * Removes users from an image as userdel(8) does, which not every image has: their lines, their memberships, and a group
 * of the same name that is nobody else's. Their files stay.
 *
 * @param placeOf where the configuration states a user, for the message
 * @throws Dock0Error naming a user that the image does not have
 */
export function removeUsers(
  root: string,
  users: readonly string[],
  placeOf: (index: number) => string = () => 'cleanup.users',
): void {
  for (const [index, user] of users.entries()) checkAccount(root, 'passwd', user, placeOf(index));
  for (const user of users) removeUser(root, user);
}

function removeUser(root: string, user: string): void {
  const shared = (readInRoot(root, 'etc/passwd') ?? '')
    .split('\n')
    .some((line) => line.split(':')[0] !== user && line.split(':')[3] === groupOf(root, user));
  for (const file of OF_USERS) edit(root, file, (fields) => (fields[0] === user ? undefined : fields));
  for (const file of OF_GROUPS)
    edit(root, file, (fields) => {
      const members = (fields.at(-1) ?? '').split(',').filter((name) => name !== '' && name !== user);
      const own = fields[0] === user && !shared && members.length === 0;
      return own ? undefined : [...fields.slice(0, -1), members.join(',')];
    });
}

/** The number of the group that has the name of a user. */
function groupOf(root: string, user: string): string | undefined {
  const lines = (readInRoot(root, 'etc/group') ?? '').split('\n').map((line) => line.split(':'));
  return lines.find(([name]) => name === user)?.[2];
}

/** Changes lines of a file of the image; mode and owner stay. */
function edit(root: string, path: string, change: (fields: string[]) => string[] | undefined): void {
  const file = fileInRoot(root, path);
  const text = readInRoot(root, path);
  if (file === undefined || text === undefined) return;
  const changed = text
    .split('\n')
    .flatMap((line) => (line === '' ? [line] : (change(line.split(':'))?.join(':') ?? [])))
    .join('\n');
  if (changed !== text) writeFileSync(file, changed);
}
