import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { Dock0Error } from '../lib/error';
import { findTool } from '../lib/system/find-tool';
import { measure, median, PROJECT } from './measure';
import { benchmark, openReport } from './report';

/** A file system on top of what configs/dock0.yaml asks for: six files to compile, and a kernel to link. */
const ONE_OPTION = ['--set', 'kernel.options.MINIX_FS=y'];

/**
 * Measures `npx gulp kernel` with the kernel of configs/dock0.yaml: from scratch, and when little or nothing changed. The source is downloaded and unpacked before, so no network is measured; ccache begins empty. Needs
 * root and the tools of `gulp setup`; takes as long as compiling a kernel once.
 */
async function bench(work: string): Promise<string> {
  if (findTool('ccache') === undefined) throw new Dock0Error('ccache is not installed: `gulp setup` does it');
  const cache = join(work, 'cache');
  const env = { CCACHE_DIR: join(work, 'ccache') };
  const gulp = (task: string, ...args: string[]): string[] => [
    ...[
      'npx',
      'gulp',
      task,
      '--config',
      'configs/dock0.yaml',
      '--cache',
      cache,
      '--output',
      join(work, 'build'),
    ],
    ...args,
  ];
  const run = (...args: string[]) => measure(gulp('kernel', ...args), PROJECT, env);
  const again = (runs: number) => median(runs, gulp('kernel'), PROJECT, env);
  const dropObjects = (): void => {
    const folder = join(cache, 'kernel', 'objects');
    for (const name of readdirSync(folder)) rmSync(join(folder, name), { recursive: true });
  };

  // Fetches the source, and compiles only the kernel's configuration tool.
  await measure(gulp('kernel:check'), PROJECT, env);
  dropObjects();
  rmSync(env.CCACHE_DIR, { recursive: true, force: true });

  const { row, line, text } = openReport();
  const clean = await run();
  line('clean build, ccache empty', `${clean.seconds.toFixed(2)} s`);
  const unchanged = await again(5);
  row('nothing changed', unchanged.seconds, 'clean', clean.seconds, '< 1.5 s');
  const changed = await run(...ONE_OPTION);
  row('one option changed', changed.seconds, 'clean', clean.seconds, '< 0.5', '0.15');
  const back = await again(3);
  row('back to the earlier configuration', back.seconds, 'nothing changed', unchanged.seconds, '', '1');
  dropObjects();
  const warm = await run('--force', 'kernel');
  row('object tree gone, ccache warm', warm.seconds, 'clean', clean.seconds, '', '< 0.3');
  return `${text()}\n\nThe source was downloaded and unpacked before; these figures include no network.`;
}

void benchmark('bench-kernel', bench);
