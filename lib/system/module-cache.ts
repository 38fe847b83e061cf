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
/** `code` is a range of the text, or of the rest where it has characters beyond Latin-1; `data` is one of the rest. */
type Known = { stamp: string; code: Range; data: Range; isWide: boolean };
/** What is kept: code as one text, and the rest as bytes. */
export type Pack = { modules: Record<string, Known>; text: string; rest: Buffer };
export type Compiled = { name: string; stamp: string; code: string; script: Script; isNew: boolean };

const ROOT = join(__dirname, '..', '..');
const PACK = join(ROOT, 'node_modules', '.cache', 'gulp-dock0', `modules-${process.version}-${process.arch}`);
const CODE = join(__dirname, 'module-code.ts');
const { _extensions: extensions } = Module as unknown as { _extensions: Record<string, Loader | undefined> };

const translate = extensions['.ts'];
let codeModule: typeof import('./module-code') | undefined;

if (translate !== undefined) {
  const pack = readPack();
  const compile = (file: string, { size, mtimeMs, ctimeMs, ino }: Stats): Compiled => {
    const name = relative(ROOT, file);
    const stamp = `${size} ${mtimeMs} ${ctimeMs} ${ino}`;
    const known = pack.modules[name]?.stamp === stamp ? pack.modules[name] : undefined;
    const code = known ? keptCode(pack, known) : Module.wrap(newCode(file));
    const script = new Script(code, {
      filename: file,
      cachedData: known && pack.rest.subarray(...known.data),
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

/** A part of the text is no copy: V8 has the large text outside of its heap. */
function keptCode({ text, rest }: Pack, { code, isWide }: Known): string {
  return isWide ? rest.toString('utf16le', ...code) : text.slice(...code);
}

/** By the loader that was there before: what translates cannot be among what it translates. */
function newCode(file: string): string {
  if (codeModule === undefined) {
    const source = new Module(CODE) as Parameters<Loader>[0];
    source.paths = module.paths;
    translate?.(source, CODE);
    codeModule = source.exports as typeof import('./module-code');
  }
  return codeModule.codeOf(file);
}

function readPack(): Pack {
  try {
    const pack = readFileSync(PACK);
    const textStart = 4 + pack.readUInt32LE();
    const { modules, lengths } = JSON.parse(pack.toString('utf8', 4, textStart));
    const textEnd = textStart + lengths.text;
    if (pack.length === textEnd + lengths.rest)
      return { modules, text: pack.toString('latin1', textStart, textEnd), rest: pack.subarray(textEnd) };
  } catch {
    // There is none, or it is no such file.
  }
  return { modules: {}, text: '', rest: Buffer.alloc(0) };
}
