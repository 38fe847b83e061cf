import { isKeys, type Keys, keysOf, type Mapped, type Value } from './stack';

/** Maps `cleanup` and `commands`. */
export function mapChanges(all: Keys): Mapped {
  const notes: string[] = [];
  const cleanup = lists('cleanup', ['users', 'paths', 'packages'], all, notes);
  if (cleanup.paths !== undefined)
    cleanup.paths = cleanup.paths.map((path) => `/${path.replace(/^\/+/, '')}`);
  const commands = lists('commands', ['chroot', 'host'], all, notes);
  if (commands.host !== undefined) notes.push('commands.host: the root is at $DOCK0_ROOT, not in ./build');
  for (const command of commands.chroot ?? []) {
    const instead = /zoneinfo/.test(command)
      ? 'the key timezone does this'
      : /^sed .*\/etc\/shadow/.test(command)
        ? "root's password is locked unless root.password sets one"
        : undefined;
    if (instead !== undefined) notes.push(`commands.chroot: "${command}": ${instead}`);
  }
  const keys = Object.entries({ cleanup, commands }).filter(([, value]) => Object.keys(value).length > 0);
  return { keys: Object.fromEntries(keys), notes };
}

/** The lists of strings in a key's map; notes name everything else. */
function lists(key: string, known: readonly string[], all: Keys, notes: string[]): Record<string, string[]> {
  const found: Record<string, string[]> = {};
  for (const [name, value] of Object.entries(keysOf(all[key]))) {
    if (!known.includes(name)) notes.push(`${key}.${name}: not carried over: ${JSON.stringify(value)}`);
    else {
      const texts = namedTexts(`${key}.${name}`, value, notes);
      if (texts.length > 0) found[name] = texts;
    }
  }
  return found;
}

/** A list's items as strings; notes name those that are none, such as a command with `: ` in it and no quotes. */
export function namedTexts(key: string, value: Value | undefined, notes: string[]): string[] {
  return (Array.isArray(value) ? value : [value ?? null]).flatMap((each) => {
    if (each === null) return [];
    if (!isKeys(each) && !Array.isArray(each)) return [String(each)];
    notes.push(`${key}: not carried over, since it is not a string: ${JSON.stringify(each)}`);
    return [];
  });
}
