import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type RunOptions, type RunResult, run } from '../../system/process';
import type { ResolvedPackage } from '../package';
import { type Apt, archiveOf } from './apt';

/** How many package files are read at a time. */
const READERS = 4;

/** The package's paragraph of a Packages file (deb-control(5)), as its repository or the package itself had it. */
export function controlOf(apt: Apt, { sha256 }: ResolvedPackage): string {
  return readFileSync(controlFile(apt, sha256), 'utf8');
}

export function hasControl(apt: Apt, { sha256 }: ResolvedPackage): boolean {
  return existsSync(controlFile(apt, sha256));
}

export function saveControl(apt: Apt, sha256: string, stanza: string): void {
  const file = controlFile(apt, sha256);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, `${stanza.trim()}\n`);
}

/** Reads the paragraphs that no list has out of downloaded packages. */
export async function readControls(
  apt: Apt,
  packages: readonly ResolvedPackage[],
  options: RunOptions,
): Promise<void> {
  const queue = packages.filter((each) => !hasControl(apt, each));
  const reader = async (): Promise<void> => {
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
      const { stdout }: RunResult = await run('dpkg-deb', ['--field', archiveOf(apt, next)], options);
      const { path, bytes, sha256 } = next;
      saveControl(
        apt,
        sha256,
        [stdout.trim(), `Filename: ${path}`, `Size: ${bytes}`, `SHA256: ${sha256}`].join('\n'),
      );
    }
  };
  await Promise.all(Array.from({ length: READERS }, reader));
}

/** The value of a one-line field of a paragraph; empty when it has none. */
export function fieldOf(stanza: string, name: string): string {
  return new RegExp(`^${name}: (.*)$`, 'm').exec(stanza)?.[1] ?? '';
}

function controlFile(apt: Apt, sha256: string): string {
  return join(apt.archives, 'control', sha256);
}
