import { Dock0Error } from '../../error';
import { CommandError } from '../../system/process';

/** What to do about an untrusted key. */
export const UNTRUSTED =
  "A key of Arch's may be too new for this host's archlinux-keyring: update that. A key of your own goes into pacman.keys, or into the keys of its repository, as a file; every key in the file is trusted.";

/** pacman's messages and what they mean to the person who builds. The first match is the cause. */
const CAUSES: readonly (readonly [RegExp, (...groups: string[]) => string, string?])[] = [
  [
    /error: (\S+): signature from "(.*)" is (?:unknown|marginal|never) trust/,
    (what, who) => `${what}: signed by "${who}", an untrusted key`,
    UNTRUSTED,
  ],
  [
    /error: (\S+): key "([^"]*)" is (unknown|disabled)/,
    (what, key, how) =>
      `${what}: signed by the key ${key}, which is ${how === 'disabled' ? 'revoked' : 'untrusted'}`,
    UNTRUSTED,
  ],
  [
    /error: (\S+): signature from "(.*)" is invalid/,
    (what, who) => `${what}: the signature of "${who}" does not match the file`,
  ],
  [
    /error: (\S+): signature from "(.*)" is expired/,
    (what, who) => `${what}: the signature of "${who}" has expired`,
  ],
  [
    /error: (\S+): missing required signature/,
    (what) => `${what}: unsigned, but a signature is required`,
    'pacman.sig_level, or the sig_level of the repository, sets what is required.',
  ],
  [
    // The repository to install from holds every package: only a required signature can be missing.
    /failed retrieving file '(\S+?)-[^-\s]+-[^-\s]+-[^-\s]+\.sig'/,
    (what) => `${what}: unsigned, but a signature is required`,
    'pacman.sig_level, or the sig_level of the repository, sets what is required.',
  ],
  [/error: (\S+): signature format error/, (what) => `${what}: its signature is not an OpenPGP signature`],
  [
    /No space left on device|not enough free disk space|\(not enough disk space\)|Write failed/,
    () => 'no space left on the disk',
    '`gulp gc` frees what no kept release uses; with `fs.backend: image`, raise fs.size.',
  ],
  [
    /^(?:warning: |error: )?(\S+): (\S+) exists in filesystem \(owned by (\S+)\)/m,
    (a, path, b) => `${a} and ${b} both have the file ${path}`,
  ],
  [
    /^(\S+): (\S+) exists in both '(\S+)' and '(\S+)'/m,
    (_, path, a, b) => `${a} and ${b} both have the file ${path}`,
  ],
  [/^(\S+) exists in both '(\S+)' and '(\S+)'/m, (path, a, b) => `${a} and ${b} both have the file ${path}`],
  [/^(\S+): (\S+) exists in filesystem/m, (name, path) => `${name}: the file ${path} exists already`],
  [
    /:: (\S+) and (\S+) are in conflict/,
    (a, b) => `${bare(a)} and ${bare(b)} cannot be installed together`,
    'Remove one of them from `packages`.',
  ],
  [
    /cannot resolve "(\S+)", a dependency of "(\S+)"/,
    (needed, by) => `${by} needs ${needed}, which no repository has`,
    'A repository may be missing in pacman.repositories; `gulp update` fetches newer lists.',
  ],
  [
    /unable to satisfy dependency '(\S+)' required by (\S+)/,
    (needed, by) => `${by} needs ${needed}, which no repository has`,
  ],
  [/error: (\S+) is invalid or corrupted \((.*)\)/, (what, how) => `${what}: damaged (${how})`],
  [/File (\S+) is corrupted \((.*)\)/, (what, how) => `${base(what)}: damaged (${how})`],
];

/**
 * Turns a failure of pacman into one clear line.
 *
 * @param error what running pacman threw; anything but a CommandError is returned as it is
 * @param doing what failed, for an unknown cause: "the packages cannot be installed"
 */
export function explained(error: unknown, doing: string): unknown {
  if (!(error instanceof CommandError)) return error;
  const known = causeOf(error.output);
  if (known !== undefined) return new Dock0Error(known.message, { hint: known.hint, cause: error });
  const said = error.output.split('\n').filter((line) => /^(error|==> ERROR):/.test(line));
  const shown = said.length === 0 ? error.output.split('\n').slice(-5) : said.slice(0, 8);
  return new Dock0Error(`${doing}\n${shown.map((line) => `    ${line}`).join('\n')}`, { cause: error });
}

/** The cause in pacman's output, if it is a known one. */
export function causeOf(output: string): { message: string; hint: string | undefined } | undefined {
  for (const [pattern, say, hint] of CAUSES) {
    const match = pattern.exec(output);
    if (match !== null) return { message: say(...match.slice(1)), hint };
  }
  return undefined;
}

/** Finds a scriptlet or a hook that failed; pacman itself continues and reports success. */
export function failedScript(output: string): string | undefined {
  const lines = output.split('\n');
  const at = lines.findIndex((line) =>
    /^error: command (failed to execute correctly|terminated by signal)/.test(line),
  );
  if (at < 0) return undefined;
  const before = lines.slice(0, at);
  const start = before.findLastIndex((line) => HOOK.test(line) || PACKAGE.test(line));
  const name = PACKAGE.exec(before[start] ?? '')?.[1];
  const hook = HOOK.exec(before[start] ?? '')?.[1];
  const title = name === undefined ? `the hook "${hook ?? 'unknown'}"` : `the scriptlet of ${name}`;
  const said = before.slice(start + 1).filter((line) => line !== '');
  return [`${title} failed`, ...said.slice(-6).map((line) => `    ${line}`)].join('\n');
}

/** How pacman announces a hook, `(1/3) Doing this...`, and a package, on a terminal with its number. */
const PACKAGE = /^(?:\(\d+\/\d+\) )?(?:installing|upgrading|reinstalling) ([^\s.]\S*?)(?:\.\.\.|\s|$)/;
const HOOK = /^\(\d+\/\d+\) (.*?)(?:\.\.\.)?$/;

function bare(text: string): string {
  return text.replace(/-[^-]+-[^-]+$/, '');
}

function base(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}
