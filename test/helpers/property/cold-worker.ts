import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { distributions } from '../../../lib/distributions';
import { busybox } from '../../fixtures/distributions/busybox';
import { build } from './build';
import type { Project } from './project';

/** Builds each project that the parent process says from an empty cache, beside its own build. */
function work(folder: string): void {
  process.chdir(folder);
  distributions.busybox = async () => busybox;
  process.on('message', async (project: Project) => {
    rmSync(join(folder, 'cold'), { recursive: true, force: true });
    process.send?.(await build(folder, project, 'cold'));
  });
}

work(process.argv[2] as string);
