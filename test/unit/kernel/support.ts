import { createHash } from 'node:crypto';
import {
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BuildContext } from '../../../lib/build';
import type { Image } from '../../../lib/kernel/need';
import { needsOf } from '../../../lib/kernel/needs';
import { listPatches } from '../../../lib/kernel/patches';
import { listFiles } from '../../../lib/kernel/repair';
import { originOf } from '../../../lib/kernel/source/origin';
import { prepareTree, type SourceTree } from '../../../lib/kernel/source/tree';
import type { Work } from '../../../lib/kernel/work';
import { run } from '../../../lib/system/process';
import { loadConfig } from '../../helpers/config';

/** A step's surroundings in folders of its own, which remember what was said. */
export interface TestWork extends Work {
  root: string;
  logged: string[];
  /** What `progress` was told. */
  seen: { done: number; total: number; what: string | undefined }[];
  /** Empties the temporary folder, as each run of a step begins with. */
  renew: () => void;
  remove: () => void;
}

export function testWork(cache?: string): TestWork {
  const root = mkdtempSync(join(tmpdir(), 'dock0 kernel: é, '));
  const work: TestWork = {
    root,
    cache: cache ?? join(root, 'cache'),
    tmp: join(root, 'tmp'),
    signal: new AbortController().signal,
    logged: [],
    seen: [],
    log: (line) => work.logged.push(line),
    line: () => undefined,
    run: (command, args, options = {}) => run(command, args, { ...options, signal: work.signal }),
    progress: (done, total, what) => work.seen.push({ done, total, what }),
    renew: () => {
      rmSync(work.tmp, { recursive: true, force: true });
      mkdirSync(work.tmp, { recursive: true });
    },
    remove: () => rmSync(root, { recursive: true, force: true }),
  };
  mkdirSync(work.cache, { recursive: true });
  work.renew();
  return work;
}

/** What was thrown. */
export async function failure(action: () => unknown): Promise<Error> {
  try {
    await action();
  } catch (error) {
    return error as Error;
  }
  throw new Error('nothing was thrown');
}

/** A plan's context whose configuration is `kernel.source` with the schema's defaults for what is not said. */
export function sourceContext(work: TestWork, source: Record<string, unknown>): BuildContext & TestWork {
  const defaults = { keys: [], releases: 'http://127.0.0.1:1/releases.json', mirror: 'http://127.0.0.1:1' };
  const config = {
    distribution: 'auto',
    release: 'auto',
    mirror: 'auto',
    lock: 'none',
    kernel: { source: { ...defaults, ...source } },
  };
  return Object.assign(Object.create(work), work, {
    config,
    base: config,
    host: undefined,
    own: {},
    output: work.root,
  });
}

/** Prepares a source, with `kernel.source` and `kernel.patches` as stated. */
export function preparedIn(
  work: () => TestWork,
): (source: Record<string, unknown>, patches?: string[]) => Promise<SourceTree> {
  return async (source, patches = []) => {
    const context = sourceContext(work(), source);
    return prepareTree(await originOf(context), listPatches(patches), context);
  };
}

/** The names of unpacked sources. */
export function unpackedIn({ cache }: TestWork): string[] {
  const folder = join(cache, 'kernel/sources');
  return existsSync(folder) ? readdirSync(folder) : [];
}

/** The general configuration with these `key.path=value` on top, which says what its kernel has to have. */
export function imageOf(...set: string[]): Image {
  const image = loadConfig({ files: [join(__dirname, '../../../configs/default.yaml')], set, env: {} }).base;
  const stated = set.some((each) => each.startsWith('packages='));
  // As it comes with a kernel that has AppArmor.
  return stated ? image : { ...image, packages: [...image.packages, 'apparmor'] };
}

/** What a kernel has to have for an image, as `SYMBOL=value`; a need that several symbols meet has the first of them. */
export function sufficient(image = imageOf()): string[] {
  const needs = needsOf(image).filter(({ necessary, fault }) => necessary && fault === undefined);
  return [...needs.map(({ symbols }) => `${symbols[0]}=y`), 'SECURITY_APPARMOR=y', 'LSM="apparmor"'];
}

/** The folder of files that tests read. */
export const fixtures = join(__dirname, 'fixtures');

/** The small source as kernel.org would have it, and key files: the one that signed it, and another. */
export const NAME = 'linux-9.1.2.tar.xz';
export const TARBALL = readFileSync(join(fixtures, NAME));
export const SHA256 = createHash('sha256').update(TARBALL).digest('hex');
export const DEVELOPER = join(fixtures, 'developer.asc');
export const STRANGER = join(fixtures, 'stranger.gpg');

/** An unpacked copy of the small source that stands in for the kernel's. */
export async function smallSource(folder: string): Promise<string> {
  await run('tar', ['--extract', '--file', join(fixtures, NAME), '--directory', folder]);
  return join(folder, 'linux-9.1.2');
}

/** The small source as a folder that passes for a kernel with all the image needs, and the YAML that builds it. */
export async function wholeSource(folder: string): Promise<{ directory: string; yaml: string }> {
  mkdirSync(folder, { recursive: true });
  const directory = await smallSource(folder);
  const makefile = join(directory, 'Makefile');
  writeFileSync(makefile, readFileSync(makefile, 'utf8').replace('grep -v BRIDGE', 'cat'));
  const lines = [
    'provider: source',
    `source: ${JSON.stringify({ directory })}`,
    `options: {${sufficient().join(', ').replaceAll('=', ': ')}}`,
  ];
  return { directory, yaml: `kernel:\n${lines.map((line) => `  ${line}\n`).join('')}` };
}

/** Puts all files of a folder some seconds into the past, as if the machine had stood still since. */
export function age(folder: string, seconds: number): void {
  for (const [path, time] of listFiles(folder))
    utimesSync(path, time / 1000 - seconds, time / 1000 - seconds);
}

/** All files of a folder by path and content. */
export function digestOf(folder: string): string {
  const hash = createHash('sha256');
  for (const path of (readdirSync(folder, { recursive: true }) as string[]).sort()) {
    if (!lstatSync(join(folder, path)).isFile()) continue;
    hash.update(path).update(readFileSync(join(folder, path)));
  }
  return hash.digest('hex');
}

/** Runs with a small tmpfs on `folder`, which is gone afterwards. */
export async function inTmpfs<T>(
  work: TestWork,
  folder: string,
  size: string,
  use: () => Promise<T>,
): Promise<T> {
  await work.run('mount', ['-t', 'tmpfs', '-o', `size=${size}`, 'tmpfs', folder]);
  try {
    return await use();
  } finally {
    await work.run('umount', [folder]);
  }
}
