import { readFileSync, type Stats, statSync } from 'node:fs';
import Module from 'node:module';
import { join, relative } from 'node:path';
import { constants, Script } from 'node:vm';

/**
 * Keeps what the TypeScript loader and V8 make of each source file, all in one file, so that a run that has nothing to
 * do does not spend half of its time on translating and compiling. To be imported before any other source file, and
 * itself small, since it is translated each time: how modules are loaded, module-loader.ts, is kept like the others. Has
 * no effect where no loader for `.ts` is registered (compiled code).
 *
 * What is kept of a source counts as long as its size, mtime, ctime and inode are the same.
 */

export type Loader = (
  module: NodeModule & { _compile: (code: string, file: string) => void },
  file: string,
) => void;
type Range = [start: number, end: number];
export type Index = Record<string, { stamp: string; code: Range; data: Range }>;
export type Compiled = { name: string; stamp: string; code: string; script: Script; isNew: boolean };

const ROOT = join(__dirname, '..', '..');
const PACK = join(ROOT, 'node_modules', '.cache', 'gulp-dock0', `modules-${process.version}-${process.arch}`);
const { _extensions: extensions } = Module as unknown as { _extensions: Record<string, Loader | undefined> };

if (extensions['.ts'] !== undefined) {
  const pack = readPack();
  const compile = (file: string, { size, mtimeMs, ctimeMs, ino }: Stats): Compiled => {
    const name = relative(ROOT, file);
    const stamp = `${size} ${mtimeMs} ${ctimeMs} ${ino}`;
    const known = pack.index[name]?.stamp === stamp ? pack.index[name] : undefined;
    const code = known ? pack.bodies.toString('utf8', ...known.code) : translated(file);
    const script = new Script(Module.wrap(code), {
      filename: file,
      cachedData: known && pack.bodies.subarray(...known.data),
      importModuleDynamically: constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
    });
    return { name, stamp, code, script, isNew: !known || script.cachedDataRejected === true };
  };
  const file = join(__dirname, 'module-loader.ts');
  const loader = compile(file, statSync(file));
  const exported: Partial<typeof import('./module-loader')> = {};
  loader.script.runInThisContext().call(exported, exported, require, { exports: exported }, file, __dirname);
  exported.loadModules?.({ root: ROOT, file: PACK, pack, compile, loader, extensions });
}

function readPack(): { index: Index; bodies: Buffer } {
  try {
    const pack = readFileSync(PACK);
    const start = 4 + pack.readUInt32LE();
    return { index: JSON.parse(pack.toString('utf8', 4, start)), bodies: pack.subarray(start) };
  } catch {
    return { index: {}, bodies: Buffer.alloc(0) };
  }
}

/** JavaScript of a source. Node has the rest of the language: what stands in for it takes longer, most of all in asynchronous functions. */
function translated(file: string): string {
  const text = readFileSync(file, 'utf8');
  if (!file.endsWith('.ts')) return text;
  const { transform }: typeof import('sucrase') = require('sucrase');
  const options = { filePath: file, disableESTransforms: true };
  return transform(text, { ...options, transforms: ['imports', 'typescript'] }).code;
}
