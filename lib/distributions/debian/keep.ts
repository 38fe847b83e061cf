import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Dock0Error } from '../../error';
import { CommandError } from '../../system/process';
import type { ResolvedPackage } from '../package';
import { type Apt, type AptContext, type Chosen, choose } from './apt';
import { fetchPackages } from './archives';
import { controlOf, hasControl } from './controls';

/** Above every priority that apt gives by itself: also an older version is taken (apt_preferences(5)). */
const PRIORITY = 1001;

/**
 * Lets apt's solver choose with some versions kept, including versions that no list has any longer. Of versions that
 * conflict with the request, as few as possible are given up.
 *
 * @throws Dock0Error naming a kept package whose file is unavailable, or when there is no solution at all
 */
export async function chooseKeeping(
  apt: Apt,
  { packages, essential }: { packages: readonly string[]; essential: boolean },
  keep: readonly ResolvedPackage[],
  context: AptContext,
): Promise<Chosen[]> {
  const unknown = keep.filter((each) => !hasControl(apt, each));
  // When no list has a version, only its file says what it depends on.
  if (unknown.length > 0) await fetchPackages(apt, unknown, context);
  const folder = join(apt.folder, 'kept');
  mkdirSync(folder, { recursive: true });
  // apt knows what a file is by this ending of its name.
  const index = join(folder, `${process.pid}_Packages`);
  const preferences = join(folder, `${process.pid}.preferences`);
  const options = [`--with-source=${index}`, '-o', `Dir::Etc::preferences=${preferences}`];
  let kept = [...keep];
  try {
    for (;;) {
      writeFileSync(index, kept.map((each) => controlOf(apt, each)).join('\n'));
      writeFileSync(preferences, kept.map(pin).join('\n'));
      try {
        return await choose(apt, packages, essential, context.signal, options);
      } catch (error) {
        const blamed = culprits(error, new Set(kept.map(({ name }) => name)));
        if (blamed.size === 0) throw error;
        kept = kept.filter(({ name }) => !blamed.has(name));
      }
    }
  } finally {
    for (const file of [index, preferences]) rmSync(file, { force: true });
  }
}

function pin({ name, version }: ResolvedPackage): string {
  return `Package: ${name}\nPin: version ${version}\nPin-Priority: ${PRIORITY}\n`;
}

/**
 * The kept packages that apt's complaint is about: those that others depend on or are in conflict with, else those
 * that depend. ` docker.io : Depends: containerd (>= 1.7) but 1.6 is to be installed`
 */
function culprits(error: unknown, kept: ReadonlySet<string>): Set<string> {
  if (!(error instanceof Dock0Error) || !(error.cause instanceof CommandError)) return new Set();
  const relations = [
    ...error.cause.output.matchAll(
      /^ (?:(\S+) : |\s+)(?:Pre-?Depends|Depends|Breaks|Conflicts): (\S+?)(?::\w+)? /gm,
    ),
  ];
  const targets = relations.map(([, , name = '']) => name).filter((name) => kept.has(name));
  const sources = relations
    .map(([, name = '']) => name.replace(/:\w+$/, ''))
    .filter((name) => kept.has(name));
  return new Set(targets.length > 0 ? targets : sources);
}
