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
type Source = { exports: unknown };
type Range = [start: number, end: number];
export type Index = Record<string, { stamp: string; code: Range; data: Range }>;
export type Loaded = Map<string, { stamp: string; code: string; script: Script }>;

const ROOT = join(__dirname, '..', '..');
const PACK = join(ROOT, 'node_modules', '.cache', 'gulp-dock0', `modules-${process.version}-${process.arch}`);
const internals = Module as unknown as {
  _extensions: Record<string, Loader | undefined>;
};
const translate = internals._extensions['.ts'];

if (translate !== undefined) {
  const { index, bodies } = readPack();
  const loaded: Loaded = new Map();
  let news = false;

  // Node asks for five other names before it finds a source, and keeps an account of each module. What a source of this
  // project asks for is found here: TypeScript first, once for all who ask.
  const modules = new Map<string, Source>();
  const sources = new Map<string, boolean>();
  const isSource = (file: string): boolean => {
    const known =
      sources.get(file) ??
      (file.startsWith(ROOT) && statSync(file, { throwIfNoEntry: false })?.isFile() === true);
    sources.set(file, known);
    return known;
  };

  const requireFor = (file: string): ((request: string) => unknown) => {
    let native: NodeJS.Require | undefined;
    return (request) => {
      const source = request.startsWith('.') ? `${join(dirname(file), request)}.ts` : '';
      if (source !== '' && isSource(source))
        return (modules.get(source) ?? load({ exports: {} }, source)).exports;
      // Not before Node 20.16 and 22.3; the way through `require` takes longer.
      const builtIn = request.startsWith('node:') ? process.getBuiltinModule?.(request) : undefined;
      if (builtIn !== undefined) return builtIn;
      native ??= createRequire(file);
      return native(request);
    };
  };

  const load = (module: Source, file: string): Source => {
    const name = relative(ROOT, file);
    const { size, mtimeMs, ctimeMs, ino } = statSync(file);
    const stamp = `${size} ${mtimeMs} ${ctimeMs} ${ino}`;
    const known = index[name]?.stamp === stamp ? index[name] : undefined;
    const code = known ? bodies.toString('utf8', ...known.code) : translated(translate, file);
    const script = new Script(Module.wrap(code), {
      filename: file,
      cachedData: known && bodies.subarray(...known.data),
      importModuleDynamically: constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
    });
    if (!known || script.cachedDataRejected) news = true;
    loaded.set(name, { stamp, code, script });
    // Before it runs: modules that ask for each other see what there is so far.
    modules.set(file, module);
    try {
      script
        .runInThisContext()
        .call(module.exports, module.exports, requireFor(file), module, file, dirname(file));
    } catch (error) {
      modules.delete(file);
      throw error;
    }
    return module;
  };

  // What asks from outside, such as a gulpfile, gets the same modules.
  internals._extensions['.ts'] = (module, file) => {
    const known = modules.get(file);
    if (known === undefined) load(module, file);
    else module.exports = known.exports;
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
function translated(loader: Loader, file: string): string {
  const module = new Module(file) as Parameters<Loader>[0];
  let made = '';
  module._compile = (code) => {
    made = code.replace(/\n\/\/# sourceMappingURL=\S+\s*$/, '\n');
  };
  loader(module, file);
  return made;
}
