import { createHash } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import Module from 'node:module';
import { join } from 'node:path';
import { writeAtomically } from './atomic-write';

/**
 * Keeps what the TypeScript loader makes of each source file, so that a run that has nothing to do does not spend half
 * of its time on translating. To be imported before any other source file; has no effect where no loader for `.ts` is
 * registered (compiled code).
 *
 * An entry is found by the source's path, size, mtime, ctime and inode; a changed source has another one.
 */

type Loader = (module: NodeModule & { _compile: (code: string, file: string) => void }, file: string) => void;

const FOLDER = join(__dirname, '..', '..', 'node_modules', '.cache', 'gulp-dock0');
const extensions = (Module as unknown as { _extensions: Record<string, Loader | undefined> })._extensions;
const translate = extensions['.ts'];

if (translate !== undefined) {
  extensions['.ts'] = (module, file) => {
    const kept = entryOf(file);
    const code = read(kept);
    if (code !== undefined) {
      module._compile(code, file);
      return;
    }
    const compile = module._compile;
    module._compile = (made, name) => {
      write(kept, made);
      compile.call(module, made, name);
    };
    translate(module, file);
  };
}

function entryOf(file: string): string {
  const { size, mtimeMs, ctimeMs, ino } = statSync(file);
  const key = createHash('sha256')
    .update(`${process.version} ${file} ${size} ${mtimeMs} ${ctimeMs} ${ino}`)
    .digest('hex');
  return join(FOLDER, `${key.slice(0, 32)}.js`);
}

function read(entry: string): string | undefined {
  try {
    return readFileSync(entry, 'utf8');
  } catch {
    return undefined;
  }
}

/** A cache that can't be written (a read-only checkout) is no reason to fail. */
function write(entry: string, code: string): void {
  try {
    writeAtomically(entry, code);
  } catch {
    return;
  }
}
