import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Dock0Error } from '../../error';
import { writeAtomically } from '../../system/atomic-write';
import { readKeptJson } from '../../system/kept-json';
import type { ResolvedPackage } from '../package';
import { type Apt, type AptContext, type Chosen, choose } from './apt';
import { withCompanions } from './companions';
import { fieldOf, saveControl } from './controls';
import { chooseKeeping } from './keep';
import { checkNames } from './names';
import { nameOf } from './roles';

/**
 * Resolves a request; the packages are sorted by name. The answer is cached as long as apt's lists stay the same, since
 * every build needs it.
 *
 * @param keep packages whose version is to stay, as far as the others allow it
 * @throws Dock0Error for unknown packages, or when lists can't be fetched
 */
export async function resolvePackages(
  apt: Apt,
  request: { packages: readonly string[]; essential: boolean },
  context: AptContext,
  keep: readonly ResolvedPackage[] = [],
): Promise<ResolvedPackage[]> {
  await apt.ensureLists(context);
  const { packages, essential } = request;
  const key = createHash('sha256')
    .update(JSON.stringify([RESOLVER, packages, essential, apt.fetched(), keep]))
    .digest('hex');
  const file = join(apt.folder, 'resolved', `${key.slice(0, 32)}.json`);
  const known = remembered.get(file) ?? read(file);
  if (known !== undefined) {
    remembered.set(file, known);
    return known;
  }
  const asked = await withCompanions(apt, packages, context);
  const locked = new Set(keep.map(({ name }) => name));
  const open = asked.filter((stated) => !locked.has(nameOf(stated)));
  await checkNames(apt, open, context.signal);
  const chosen = await merged(asked, (wanted) =>
    keep.length === 0
      ? choose(apt, wanted, essential, context.signal)
      : chooseKeeping(apt, { packages: wanted, essential }, keep, context),
  );
  const kept = new Map(keep.map((each) => [exact(each), each]));
  const fresh = chosen.filter((each) => !kept.has(exact(each)));
  const found = await describe(apt, fresh, context.signal);
  const resolved = chosen
    .map((each) => kept.get(exact(each)) ?? (found.get(exact(each)) as ResolvedPackage))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
  writeAtomically(file, JSON.stringify(resolved));
  return resolved;
}

const RESOLVER = 6;

/** Answers by their files, whose names stand for all that they hang on: several steps ask for the same. */
const remembered = new Map<string, ResolvedPackage[]>();

/**
 * Of bookworm's two packages that see to a merged /usr, the one for roots that are made so, as mmdebstrap does: the
 * other one converts roots, with all of perl.
 */
async function merged(
  packages: readonly string[],
  solve: (packages: readonly string[]) => Promise<Chosen[]>,
): Promise<Chosen[]> {
  const chosen = await solve(packages);
  const converts = chosen.some(({ name }) => name === 'usrmerge') && !packages.includes('usrmerge');
  return converts ? solve([...packages, 'usr-is-merged']) : chosen;
}

/** What the lists have on packages, by `name=version`. @throws Dock0Error when they lack one */
export async function describe(
  apt: Apt,
  packages: readonly Chosen[],
  signal: AbortSignal,
): Promise<Map<string, ResolvedPackage>> {
  if (packages.length === 0) return new Map();
  const names = packages.map(exact);
  const shown = await apt.run('apt-cache', ['show', '--', ...names], { signal });
  const stanzas = new Map(
    shown.stdout
      .split(/\n\n+/)
      .filter((stanza) => stanza.trim() !== '')
      .reverse()
      .map((stanza) => [`${fieldOf(stanza, 'Package')}=${fieldOf(stanza, 'Version')}`, stanza]),
  );
  const repositories = await repositoriesOf(apt, packages, signal);
  const snapshots = new Map([...new Set(repositories.values())].map((each) => [each, snapshotOf(apt, each)]));
  return new Map(
    packages.map((each) => {
      const stanza = stanzas.get(exact(each));
      const repository = repositories.get(exact(each));
      if (stanza === undefined || repository === undefined)
        throw new Dock0Error(`apt has no file of ${each.name} ${each.version}`);
      const sha256 = fieldOf(stanza, 'SHA256');
      saveControl(apt, sha256, stanza);
      const { name, version, arch } = each;
      const path = fieldOf(stanza, 'Filename').replace(/^(\.\/)+/, '');
      const bytes = Number(fieldOf(stanza, 'Size'));
      const snapshot = snapshots.get(repository) ?? '';
      return [exact(each), { name, version, arch, repository, path, sha256, bytes, snapshot }];
    }),
  );
}

/** The repository that has each version, as `suite/component`; of several the first that the sources name. */
async function repositoriesOf(
  apt: Apt,
  packages: readonly Chosen[],
  signal: AbortSignal,
): Promise<Map<string, string>> {
  const { stdout } = await apt.run('apt-cache', ['madison', '--', ...packages.map(({ name }) => name)], {
    signal,
  });
  const found = new Map<string, string>();
  // The address may have blanks, which apt shows as such.
  for (const [, name, version, repository = ''] of stdout.matchAll(
    /^\s*(\S+) \|\s*(\S+) \| \S.* (\S*\/\S*)(?: [a-z0-9-]+)? Packages$/gm,
  )) {
    const key = `${name}=${version}`;
    if (!found.has(key)) found.set(key, repository);
  }
  return found;
}

/**
 * When a repository was in the state that the lists show: the date of its signed Release file, as archives of past
 * states write it, `20260105T093000Z`.
 */
function snapshotOf(apt: Apt, repository: string): string {
  const folder = join(apt.folder, 'lists');
  const suite = repository.replace(/\/[^/]*$/, '').replaceAll('/', '_');
  const file = readdirSync(folder).find((name) => new RegExp(`_dists_${suite}_(In)?Release$`).test(name));
  const stated = file === undefined ? '' : fieldOf(readFileSync(join(folder, file), 'utf8'), 'Date');
  const date = new Date(stated);
  const time = Number.isNaN(date.getTime()) ? new Date(apt.fetched() ?? 0) : date;
  return time.toISOString().replace(/[-:]|\.\d+/g, '');
}

function exact({ name, version }: { name: string; version: string }): string {
  return `${name}=${version}`;
}

function read(file: string): ResolvedPackage[] | undefined {
  const kept = readKeptJson(file);
  return Array.isArray(kept) ? kept : undefined;
}
