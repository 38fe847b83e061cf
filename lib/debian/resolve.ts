import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Dock0Error } from '../error';
import { type Apt, choose } from './apt';

/** A binary package, exactly: enough to fetch it, to check it and to list it in a package index. */
export interface DebianPackage {
  name: string;
  version: string;
  arch: string;
  repository: string;
  sha256: string;
  bytes: number;
  /** apt's name for the file in its archives folder. */
  file: string;
}

/**
 * The packages a request comes to, sorted by name. The answer is kept as long as apt's lists stay the same, since
 * every build asks.
 *
 * @throws Dock0Error for unknown packages, or when lists can't be fetched
 */
export async function resolvePackages(
  apt: Apt,
  request: { packages: string[]; essential: boolean },
  context: { signal: AbortSignal; log: (line: string) => void },
): Promise<DebianPackage[]> {
  await apt.ensureLists(context);
  const key = createHash('sha256')
    .update(JSON.stringify([RESOLVER, request, apt.fetched()]))
    .digest('hex');
  const file = join(apt.folder, 'resolved', `${key.slice(0, 32)}.json`);
  const known = read(file);
  if (known !== undefined) return known;
  const chosen = await choose(apt, request.packages, request.essential, context.signal);
  const stanzas = await controlStanzas(
    apt,
    chosen.map(({ name, version }) => `${name}=${version}`),
    context.signal,
  );
  const resolved = chosen
    .map((each) => {
      const stanza = stanzas.get(`${each.name}=${each.version}`);
      if (stanza === undefined) throw new Dock0Error(`apt knows no file of ${each.name} ${each.version}`);
      const sha256 = fieldOf(stanza, 'SHA256');
      saveControl(apt, sha256, stanza);
      return { ...each, sha256, bytes: Number(fieldOf(stanza, 'Size')), file: archiveName(each) };
    })
    .sort((a, b) => (a.name < b.name ? -1 : 1));
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(`${file}.${process.pid}`, JSON.stringify(resolved));
  renameSync(`${file}.${process.pid}`, file);
  return resolved;
}

/** The package's paragraph of a Packages file (deb-control(5)), as its repository had it. */
export function controlOf(apt: Apt, { sha256 }: DebianPackage): string {
  return readFileSync(controlFile(apt, sha256), 'utf8');
}

const RESOLVER = 1;

async function controlStanzas(apt: Apt, exact: string[], signal: AbortSignal): Promise<Map<string, string>> {
  if (exact.length === 0) return new Map();
  const { stdout } = await apt.run('apt-cache', ['show', '--', ...exact], { signal });
  const stanzas = stdout.split(/\n\n+/).filter((stanza) => stanza.trim() !== '');
  return new Map(
    stanzas.map((stanza) => [`${fieldOf(stanza, 'Package')}=${fieldOf(stanza, 'Version')}`, stanza]),
  );
}

function fieldOf(stanza: string, name: string): string {
  return new RegExp(`^${name}: (.*)$`, 'm').exec(stanza)?.[1] ?? '';
}

function saveControl(apt: Apt, sha256: string, stanza: string): void {
  const file = controlFile(apt, sha256);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, `${stanza.trim()}\n`);
}

function controlFile(apt: Apt, sha256: string): string {
  return join(apt.archives, 'control', sha256);
}

/** apt puts epochs into file names as `%3a` (apt-pkg's QuoteString). */
function archiveName({ name, version, arch }: { name: string; version: string; arch: string }): string {
  return `${name}_${version.replaceAll(':', '%3a')}_${arch}.deb`;
}

function read(file: string): DebianPackage[] | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return undefined;
  }
}
