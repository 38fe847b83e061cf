import { meant } from '../../config/problems';
import { didYouMean } from '../../config/suggest';
import { RefusedPackages } from '../refused';
import type { Apt } from './apt';

/** What the lists have on a name. */
interface Known {
  versions: string[];
  /** The packages that provide it. */
  providers: string[];
}

/** A request as apt-get(8) takes it: `name:arch=version`, `name/release`. */
interface Request {
  stated: string;
  name: string;
  arch: string | undefined;
  version: string | undefined;
}

/** How many providers a message names. */
const FEW = 8;

/**
 * Checks that each request names one package. apt would take what it does not know for something else: `hto.` for a
 * regular expression, `htop-` for the removal of htop.
 *
 * @throws RefusedPackages with a suggestion, or with what the lists have instead
 */
export async function checkNames(apt: Apt, requested: readonly string[], signal: AbortSignal): Promise<void> {
  const requests = requested.map(parsed);
  const known = await lookUp(
    apt,
    requests.map(({ name }) => name),
    signal,
  );
  const refused = new Map<string, string>();
  const unknown: Request[] = [];
  for (const request of requests) {
    const found = known.get(request.name);
    if (found === undefined || found.versions.length + found.providers.length === 0) unknown.push(request);
    else {
      const why = problemOf(request, found, apt);
      if (why !== undefined) refused.set(request.stated, why);
    }
  }
  if (unknown.length > 0) {
    const names = (await apt.run('apt-cache', ['pkgnames'], { signal })).stdout.split('\n');
    for (const { stated, name } of unknown) {
      const near = didYouMean(name, names);
      const suggestion = meant(near === undefined ? undefined : `"${near}"`);
      refused.set(stated, `no package "${name}" in ${apt.codename}${suggestion}`);
    }
  }
  if (refused.size === 0) return;
  const inOrder = new Map(
    requested.flatMap((each) => (refused.has(each) ? [[each, refused.get(each) ?? '']] : [])),
  );
  throw new RefusedPackages(inOrder, { hint: 'Correct the names; `gulp update` fetches newer lists.' });
}

function parsed(stated: string): Request {
  const [, name = stated, arch, version] = /^([^:=/]+)(?::([^=/]+))?(?:=([^/]+)|\/.*)?$/.exec(stated) ?? [];
  return { stated, name, arch, version };
}

function problemOf(
  { name, arch, version }: Request,
  { versions, providers }: Known,
  { architecture, codename }: Apt,
): string | undefined {
  if (versions.length === 0) {
    if (providers.length === 1 && version === undefined) return undefined;
    const shown = providers.length > FEW ? [...providers.slice(0, FEW), 'more'] : providers;
    return `"${name}" is no package but what several provide: name one of ${shown.join(', ')}`;
  }
  if (arch !== undefined && ![architecture, 'all', 'any', 'native'].includes(arch))
    return `"${name}:${arch}" is of another architecture: the image is ${architecture}`;
  if (version !== undefined && !versions.includes(version))
    return `no version ${version} of "${name}" in ${codename}, which has ${versions.join(', ')}`;
  return undefined;
}

/** What `apt-cache showpkg` says of names: their versions, and the packages that provide them. */
async function lookUp(apt: Apt, names: readonly string[], signal: AbortSignal): Promise<Map<string, Known>> {
  const known = new Map<string, Known>();
  if (names.length === 0) return known;
  const { stdout } = await apt.run('apt-cache', ['showpkg', '--', ...new Set(names)], { signal });
  let section = '';
  let current: Known = { versions: [], providers: [] };
  for (const line of stdout.split('\n')) {
    const heading =
      /^(Package|Versions|Reverse Depends|Dependencies|Provides|Reverse Provides):(?: (.*))?$/.exec(line);
    if (heading !== null) {
      section = heading[1] ?? '';
      if (section !== 'Package') continue;
      current = { versions: [], providers: [] };
      known.set(heading[2] ?? '', current);
    } else if (section === 'Versions') {
      const version = /^(\S+) \(/.exec(line)?.[1];
      if (version !== undefined) current.versions.push(version);
    } else if (section === 'Reverse Provides') {
      const name = line.split(' ')[0] ?? '';
      if (name !== '' && !current.providers.includes(name)) current.providers.push(name);
    }
  }
  return known;
}
