import { readFileSync, statSync } from 'node:fs';
import Module, { createRequire } from 'node:module';
import { dirname, join, relative } from 'node:path';
import { constants, Script } from 'node:vm';

/**
 * Keeps what the TypeScript loader and V8 make of each source file, all in one file, so that a run that has nothing to
 * do does not spend half of its time on translating and compiling. To be imported before any other source file, and
 * itself small, since it is translated each time; has no effect where no loader for `.ts` is registered (compiled code).
 *
 * What is kept of a source counts as long as its size, mtime, ctime and inode are the same.
 */

type Loader = (module: NodeModule & { _compile: (code: string, file: string) => void }, file: string) => void;
type Resolver = (request: string, parent: { filename?: string } | undefined, ...rest: unknown[]) => string;
type Range = [start: number, end: number];
export type Index = Record<string, { stamp: string; code: Range; data: Range }>;
export type Loaded = Map<string, { stamp: string; code: string; script: Script }>;

const ROOT = join(__dirname, '..', '..');
const PACK = join(ROOT, 'node_modules', '.cache', 'gulp-dock0', `modules-${process.version}-${process.arch}`);
const internals = Module as unknown as {
  _extensions: Record<string, Loader | undefined>;
  _resolveFilename: Resolver;
};
const translate = internals._extensions['.ts'];

if (translate !== undefined) {
  const resolve = internals._resolveFilename;
  const { index, bodies } = readPack();
  const loaded: Loaded = new Map();
  let news = false;

  // Node asks for five other names before it finds a source; a TypeScript file asks for TypeScript first.
  internals._resolveFilename = (request, parent, ...rest) => {
    const from = parent?.filename;
    if (request.startsWith('.') && from?.startsWith(ROOT) && from.endsWith('.ts')) {
      const file = `${join(dirname(from), request)}.ts`;
      if (statSync(file, { throwIfNoEntry: false })?.isFile()) return file;
    }
    return resolve(request, parent, ...rest);
  };

  internals._extensions['.ts'] = (module, file) => {
    const name = relative(ROOT, file);
    const { size, mtimeMs, ctimeMs, ino } = statSync(file);
    const stamp = `${size} ${mtimeMs} ${ctimeMs} ${ino}`;
    const known = index[name]?.stamp === stamp ? index[name] : undefined;
    const code = known ? bodies.toString('utf8', ...known.code) : translated(translate, module, file);
    const script = new Script(Module.wrap(code), {
      filename: file,
      cachedData: known && bodies.subarray(...known.data),
      importModuleDynamically: constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
    });
    if (!known || script.cachedDataRejected) news = true;
    loaded.set(name, { stamp, code, script });
    script
      .runInThisContext()
      .call(module.exports, module.exports, createRequire(file), module, file, dirname(file));
  };

  // V8 knows most at the end: what was called is compiled by then.
  process.on('exit', () => {
    if (news) createRequire(__filename)('./module-pack').writePack(PACK, { index, bodies }, loaded);
  });
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

/** What the loader would have run. Its source map is left out: the lines are those of the source. */
function translated(loader: Loader, module: Parameters<Loader>[0], file: string): string {
  let made = '';
  module._compile = (code) => {
    made = code.replace(/\n\/\/# sourceMappingURL=\S+\s*$/, '\n');
  };
  loader(module, file);
  return made;
}
