import { copyFileSync, createReadStream, createWriteStream, mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { Dock0Error } from '../error';
import { fileInRoot } from '../root/path';
import type { Runner } from '../system/sandbox';
import type { ModuleFile } from './content';
import type { ModuleTree } from './modules';

/**
 * Makes modules ready for the initramfs: unpacked, since busybox loads only plain ones, and the archive as a whole
 * compresses better than its parts. A module's signature stays: it is part of the file.
 *
 * @param files relative to the tree's folder, in loading order
 * @param tmp where unpacked modules are put
 */
export async function moduleFiles(
  tree: ModuleTree,
  files: readonly string[],
  tmp: string,
  run: Runner,
): Promise<ModuleFile[]> {
  const ready: ModuleFile[] = [];
  for (const file of files) {
    const plain = withoutSuffix(file);
    const needs = (tree.dependencies.get(file) ?? []).map(withoutSuffix);
    const source = fileInRoot(tree.folder, file);
    if (source === undefined) throw new Dock0Error(`${file} of the kernel's modules is not a file`);
    if (plain === file) ready.push({ file, source, needs });
    else ready.push({ file: plain, source: await unpacked(source, join(tmp, 'modules', plain), run), needs });
  }
  return ready;
}

async function unpacked(source: string, target: string, run: Runner): Promise<string> {
  mkdirSync(dirname(target), { recursive: true });
  if (source.endsWith('.gz'))
    await pipeline(createReadStream(source), createGunzip(), createWriteStream(target));
  else if (source.endsWith('.zst'))
    await run('zstd', ['--quiet', '--decompress', '-o', target, '--', source]);
  else {
    copyFileSync(source, `${target}.xz`);
    await run('xz', ['--decompress', '--', `${target}.xz`]);
  }
  return target;
}

function withoutSuffix(file: string): string {
  return file.replace(/\.(gz|xz|zst)$/, '');
}
