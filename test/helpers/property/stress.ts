import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { openStore } from '../../../lib/engine/store/local';
import { startGulp } from '../gulp';
import { type TinyHost, tinyHost } from '../tiny-host';
import { randomFrom } from './mutations';

/** What came of builds that disturb each other. */
export interface Disturbance {
  seed: number;
  /** Commands that were started, and how many of them were killed. */
  commands: number;
  killed: number;
  /** What commands that nobody killed failed with. */
  failures: string[];
  /** Damaged paths in the cache at the end. */
  damages: string[];
  /** Sums of the releases that are built at the end. */
  sums: string[];
}

const PROCESSES = 4;
const SIGNALS = ['SIGKILL', 'SIGTERM', 'SIGINT'] as const;

/**
 * Lets processes build, force, collect garbage, clean and be killed at random, all with one cache.
 *
 * @param folder an empty folder
 * @param seconds for how long
 */
export async function disturb(folder: string, seconds: number, seed: number): Promise<Disturbance> {
  const end = Date.now() + seconds * 1000;
  const result: Disturbance = { seed, commands: 0, killed: 0, failures: [], damages: [], sums: [] };
  const cache = join(folder, 'cache');
  const hosts = Array.from({ length: PROCESSES }, (_, at) => tinyHost(() => join(folder, `host-${at}`)));
  for (const host of hosts) layOut(host);

  const work = async (host: TinyHost, random: () => number): Promise<void> => {
    while (Date.now() < end) {
      const args = command(random);
      const { child, result: ended } = startGulp([...args, '--cache', cache], {
        cwd: host.path(),
        gulpfile: host.path('gulpfile.ts'),
      });
      result.commands++;
      const signal = random() < 0.5 ? SIGNALS[Math.floor(random() * SIGNALS.length)] : undefined;
      if (signal !== undefined) {
        await Promise.race([ended, pause(300 + random() * 1500)]);
        if (child.exitCode === null && child.signalCode === null) {
          result.killed++;
          process.kill(-(child.pid as number), signal);
        }
      }
      const { code, output } = await ended;
      if (code !== 0 && code !== null && !/Interrupted|Ended/.test(output))
        result.failures.push(`${args.join(' ')}: ${output}`);
    }
  };
  await Promise.all(hosts.map((host, at) => work(host, randomFrom(seed + at))));

  for (const host of hosts) {
    const built = await startGulp(['install', '--cache', cache], {
      cwd: host.path(),
      gulpfile: host.path('gulpfile.ts'),
    }).result;
    if (built.code !== 0) result.failures.push(built.output);
    result.sums.push(readFileSync(host.path('build/tiny/current/SHA256SUMS'), 'utf8'));
  }
  const store = openStore(cache);
  for (const { entry } of store.list())
    for (const { path, problem } of await store.check(entry))
      result.damages.push(`${entry.step} ${path}: ${problem}`);
  return result;
}

/** The configuration that all of them build. */
export function layOut(host: TinyHost): void {
  host.write('o/etc/plain', 'x\n');
  host.write('t/etc/word.ejs', '<%= name %>\n');
  host.write('s/10-slow', '#!/bin/sh\nsleep 0.2\necho done > "$DOCK0_ROOT/etc/slow"\n', 0o755);
  host.configure({ overlay: './o', templates: './t', scripts: './s' });
}

function command(random: () => number): string[] {
  const kind = random();
  if (kind < 0.45) return ['install'];
  const forced = ['rootfs', 'pacstrap', 'customize', 'kernel', 'squash', 'install'];
  if (kind < 0.8) return ['install', '--force', forced[Math.floor(random() * forced.length)] as string];
  if (kind < 0.9) return ['gc'];
  return ['clean'];
}
