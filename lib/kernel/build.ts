import { copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { architecture } from './architecture';
import type { Base } from './base';
import { type Configured, checkTaken, configure } from './configure';
import { watchFailure } from './failure';
import { HANDED, jobFlag, make } from './make';
import { finishModules } from './modules';
import { requirePrograms } from './programs';
import { openMeter } from './progress';
import { repairObjects, unfinishedMark } from './repair';
import type { Requests } from './requests';
import { dropUnseen } from './unseen';
import type { Work } from './work';
import { aloneIn, type Workshop } from './workshop';

/** What a kernel is configured from. */
interface WantedKernel {
  base: Base;
  requests: Requests;
  /** Throws when the finished configuration won't do; nothing is compiled then. */
  accept: (configured: Configured) => void;
}

/** A kernel that was built: facts about the files that lie in the step's output folder. */
export interface BuiltKernel {
  /** `uname -r` of it, and the name of its modules' folder. */
  version: string;
  modules: boolean;
}

/**
 * Builds a kernel in its kept object tree, so that only what changed since the last time is compiled, and puts
 * `vmlinuz`, `config` and, with modules, `modules/usr/lib/modules/<version>` into `out`.
 *
 * @throws Dock0Error when the configuration is refused or the compiler fails
 */
export async function buildKernel(
  shop: Workshop,
  wanted: WantedKernel,
  out: string,
  work: Work,
): Promise<BuiltKernel> {
  return aloneIn(shop, work, async () => {
    const mark = unfinishedMark(shop.objects);
    // Before anything else writes into the tree: what was written last is told by its times.
    if (mark.there) repair(shop.objects, work);
    const ended = await dropUnseen(shop, work.log);
    const configured = await configure(shop, wanted.base, wanted.requests, work);
    checkTaken(configured, wanted.requests, shop.tree.path);
    wanted.accept(configured);
    requirePrograms(configured.config);
    const modules = configured.config.get('MODULES') === 'y';
    mark.set();
    await compile(shop, configured.text, { modules, resumed: mark.there }, work).finally(ended);
    mark.clear();
    await collect(shop, modules, out, work);
    const now = new Date();
    await utimes(shop.objects, now, now);
    const version = readFileSync(join(shop.objects, 'include/config/kernel.release'), 'utf8').trim();
    return { version, modules };
  });
}

/** Both streams as one, so that what a target's commands print stays together; a constant script. */
const AS_ONE = 'exec "$@" 2>&1';

async function compile(
  shop: Workshop,
  config: string,
  { modules, resumed }: { modules: boolean; resumed: boolean },
  work: Work,
): Promise<void> {
  const { objects } = shop;
  const file = join(objects, '.config');
  const clean = !existsSync(join(objects, 'vmlinux.o')) && !existsSync(join(objects, 'vmlinux'));
  const untouched = !existsSync(join(objects, 'include/config/kernel.release'));
  if (!existsSync(file) || readFileSync(file, 'utf8') !== config) writeFileSync(file, config);
  const options = config.split('\n').filter((line) => /=[ym]$/.test(line)).length;
  const meter = openMeter(`${objects}.count`, clean, options);
  const failure = watchFailure();
  const targets = [architecture().target, ...(modules ? ['modules'] : [])];
  const run: Work['run'] = (command, args, how) =>
    work.run('sh', ['-c', AS_ONE, 'sh', command, ...args], how);
  try {
    await make(
      shop,
      [jobFlag(shop), '--output-sync=target', ...targets],
      { run },
      {
        keep: 20,
        onLine: (line) => {
          const at = meter.see(line);
          if (at !== undefined) work.progress(at.done, at.total, at.folder);
          failure.see(line);
        },
      },
    );
  } catch (error) {
    throw failure.explain(error);
  }
  // What is left of a kernel that was begun before is the number of neither a whole one nor a change.
  if (!resumed && clean === untouched) meter.finish();
}

function repair(objects: string, work: Work): void {
  const removed = existsSync(objects) ? repairObjects(objects) : 0;
  work.log(`resuming an interrupted build (${removed} files are made again)`);
}

async function collect(shop: Workshop, modules: boolean, out: string, work: Work): Promise<void> {
  const { objects } = shop;
  copyFileSync(join(objects, architecture().image), join(out, 'vmlinuz'));
  copyFileSync(join(objects, '.config'), join(out, 'config'));
  if (!modules) return;
  const root = join(out, 'modules', 'usr');
  mkdirSync(root, { recursive: true });
  work.progress(0, 1, 'installing the modules');
  await make(
    shop,
    ['--silent', jobFlag(shop), `INSTALL_MOD_PATH=${HANDED}`, 'INSTALL_MOD_STRIP=1', 'modules_install'],
    work,
    { handed: root },
  );
  await finishModules({ ...work, out });
}
