import { existsSync } from 'node:fs';
import { relative } from 'node:path';
import type { Wrong } from '../../config/problems';
import type { Config } from '../../config/schema';
import { sourceAt } from './archive';

/** Reports files and folders of `images` that hold no images, or none that can be used. */
export function checkImageFiles({ images }: Pick<Config, 'images'>, wrong: Wrong): void {
  for (const [at, stated] of images.entries()) {
    if (!stated.startsWith('/') || !existsSync(stated)) continue;
    const source = sourceAt(stated);
    if (typeof source === 'string') continue;
    const name = relative(process.cwd(), stated) || stated;
    wrong(
      ['images', String(at)],
      `expected an archive of \`docker save\` or a folder in the layout of OCI, found ${name}: ${source.problem}`,
    );
  }
}
