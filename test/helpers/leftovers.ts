import { existsSync, readdirSync, readFileSync, readlinkSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fixedPath } from '../../lib/system/fixed-paths';

/**
 * What a run left on this machine that speaks of a folder: mounts, loop devices, processes, work folders of the cache;
 * and daemons of GnuPG's that were not there when the tests began, which speak of no folder of ours.
 * A killed build gets 20 s: the kernel ends its children after it, and its guard then removes its work folder.
 */
export async function leftovers(folder: string, cache: string): Promise<string[]> {
  for (let tries = 0; ; tries++) {
    const found = [
      ...mounts(folder),
      ...loops(folder),
      ...processes(folder),
      ...compilers(folder, cache),
      ...daemons(),
      ...work(cache),
    ];
    if (found.length === 0 || tries >= 200) return found;
    await pause(100);
  }
}

function mounts(folder: string): string[] {
  return readFileSync('/proc/self/mountinfo', 'utf8')
    .split('\n')
    .map((line) => line.replace(/\\([0-7]{3})/g, (_, code) => String.fromCharCode(Number.parseInt(code, 8))))
    .filter((line) => line.includes(folder))
    .map((line) => `mount: ${line}`);
}

function loops(folder: string): string[] {
  return readdirSync('/sys/block')
    .flatMap((name) => {
      try {
        return readFileSync(join('/sys/block', name, 'loop/backing_file'), 'utf8').trim();
      } catch {
        // No loop device, or one that is free.
        return [];
      }
    })
    .filter((backing) => backing.includes(folder))
    .map((backing) => `loop device: ${backing}`);
}

function processes(folder: string): string[] {
  return eachProcess((pid) => {
    const words = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
    const place = readlinkSync(`/proc/${pid}/cwd`);
    return words.includes(folder) || place.startsWith(folder) ? `process ${pid}: ${words}` : undefined;
  });
}

/** What works in an object tree sees it at another path. */
function compilers(folder: string, cache: string): string[] {
  const kept = join(cache, 'kernel', 'objects');
  const trees = [folder, ...(existsSync(kept) ? readdirSync(kept).map((name) => join(kept, name)) : [])];
  const known = new Set(trees.filter((tree) => existsSync(tree)).map(identity));
  return eachProcess((pid) =>
    known.has(identity(`/proc/${pid}/root${fixedPath('objects')}`)) ? `compiler ${pid}` : undefined,
  );
}

/** What tells whether two paths, or those of two processes, are of the same file. */
export function identity(path: string): string {
  const { dev, ino } = statSync(path, { bigint: true });
  return `${dev}:${ino}`;
}

const EARLIER = new Set(daemonsNow());

function daemons(): string[] {
  return daemonsNow().filter((each) => !EARLIER.has(each));
}

/** GnuPG starts them by itself; they run in a folder that only the sandbox had. */
function daemonsNow(): string[] {
  return eachProcess((pid) => {
    const name = readFileSync(`/proc/${pid}/comm`, 'utf8').trim();
    if (!/^(gpg-agent|dirmngr|keyboxd|scdaemon)$/.test(name)) return undefined;
    return isOfOthers(pid) ? undefined : `daemon ${pid}: ${name}`;
  });
}

/** Whether a process descends from tests or a build that somebody else runs on the same machine. */
function isOfOthers(pid: string): boolean {
  let others = false;
  for (let at = pid; Number(at) > 1; at = parentOf(at)) {
    if (Number(at) === process.pid) return false;
    others ||= /mocha|gulp/.test(readFileSync(`/proc/${at}/cmdline`, 'utf8'));
  }
  return others;
}

function parentOf(pid: string): string {
  return /^PPid:\s+(\d+)$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? '0';
}

/** What is said of each process but this one; those that end meanwhile are passed over. */
function eachProcess(say: (pid: string) => string | undefined): string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .flatMap((pid) => {
      try {
        return say(pid) ?? [];
      } catch {
        return [];
      }
    });
}

function work(cache: string): string[] {
  const folder = join(cache, 'tmp');
  return existsSync(folder) ? readdirSync(folder).map((name) => `work folder: ${name}`) : [];
}
