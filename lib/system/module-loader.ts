import { type Stats, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { Compiled, Loader, Pack } from './module-cache';

type Source = { exports: unknown };
/** What modules ask with. `late` gives what becomes the module when something of it is used. */
type Require = ((request: string) => unknown) & { late: (request: string) => object };

/** Packages of one large file, which no other package here has in common with this project: they are kept, too. */
const LARGE = new Set(['js-yaml', 'valibot']);

interface Cache {
  /** The folder of the project. */
  root: string;
  /** Where the pack is written. */
  file: string;
  /** What was read of it. */
  pack: Pack;
  compile: (file: string, stat: Stats) => Compiled;
  /** This module. */
  loader: Compiled;
  /** Node's loaders, by the ends of names. */
  extensions: Record<string, Loader | undefined>;
}

/** Loads the sources of this project through module-cache.ts from now on, and writes what is new when the process ends. */
export function loadModules({ root, file: packFile, pack, compile, loader, extensions }: Cache): void {
  const all = new Map([[loader.name, loader]]);

  // Node asks for five other names before it finds a source, and keeps an account of each module. What a source of this
  // project asks for is found here: TypeScript first, once for all who ask.
  const modules = new Map<string, Source>();
  const isOurs = (file: string): boolean =>
    file.startsWith(`${root}/`) && !file.slice(root.length).includes('/node_modules/');
  const stats = new Map<string, Stats | undefined>();
  const isSource = (file: string): boolean => {
    if (!stats.has(file))
      stats.set(file, isOurs(file) ? statSync(file, { throwIfNoEntry: false }) : undefined);
    return stats.get(file)?.isFile() === true;
  };
  const sourceOf = (path: string): string | undefined =>
    [`${path}.ts`, `${path}/index.ts`].find((file) => isSource(file));

  // From any folder of the project the packages are the same.
  const native = createRequire(join(root, 'package.json'));

  const requireFor = (file: string): Require => {
    const folder = dirname(file);
    const ask = (request: string): unknown => {
      const source = request.startsWith('.') ? sourceOf(pathOf(folder, request)) : undefined;
      if (source !== undefined) return loaded(source);
      // Not before Node 20.16 and 22.3; the way through `require` takes longer.
      const builtIn = request.startsWith('node:') ? process.getBuiltinModule?.(request) : undefined;
      if (builtIn !== undefined) return builtIn;
      if (LARGE.has(request)) return loaded(native.resolve(request));
      return request.startsWith('.') ? createRequire(file)(request) : native(request);
    };
    return Object.assign(ask, { late: (request: string) => lateModule(() => ask(request) as object) });
  };

  const loaded = (file: string): unknown => (modules.get(file) ?? load({ exports: {} }, file)).exports;

  const load = (module: Source, file: string): Source => {
    const compiled = compile(file, stats.get(file) ?? statSync(file));
    all.set(compiled.name, compiled);
    // Before it runs: modules that ask for each other see what there is so far.
    modules.set(file, module);
    try {
      compiled.script
        .runInThisContext()
        .call(module.exports, module.exports, requireFor(file), module, file, dirname(file));
    } catch (error) {
      modules.delete(file);
      throw error;
    }
    return module;
  };

  // What asks from outside, such as a gulpfile, gets the same modules. Others have their own loader and packages.
  const others = extensions['.ts'];
  extensions['.ts'] = (module, file) => {
    const known = modules.get(file);
    if (known !== undefined) module.exports = known.exports;
    else if (isOurs(file)) load(module, file);
    else others?.(module, file);
  };

  // V8 knows most at the end: what was called is compiled by then.
  process.on('exit', () => {
    if ([...all.values()].some(({ isNew }) => isNew))
      createRequire(__filename)('./module-pack').writePack(packFile, pack, all);
  });
}

function lateModule(load: () => object): object {
  let loaded: object | undefined;
  return new Proxy(
    {},
    {
      get: (_, name) => {
        loaded ??= load();
        return Reflect.get(loaded, name);
      },
    },
  );
}

/** What a relative request leads to: as `join` has it, which takes longer for the hundreds of them. */
function pathOf(folder: string, request: string): string {
  if (request.startsWith('../')) return pathOf(dirname(folder), request.slice(3));
  if (request.startsWith('./')) return pathOf(folder, request.slice(2));
  return /^[^./][^./]*(\/[^./]+)*$/.test(request) ? `${folder}/${request}` : join(folder, request);
}
