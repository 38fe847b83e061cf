import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { run } from '../../lib/system/process';
import { currentId, FIXTURES, type GulpResult, gulp, PROJECT } from './gulp';

/** A host of the fixture distribution: no packages to fetch, no Docker, a kernel that is any file; built in a second. */
export interface TinyHost {
  /** The folder of the project. */
  path: (name?: string) => string;
  /** Writes `dock0.yaml`: these keys on top of what every such host has. */
  configure: (keys: object) => void;
  /** Writes a file of the project. */
  write: (name: string, text: string, mode?: number) => void;
  task: (
    args: readonly string[],
    options?: { env?: Record<string, string>; through?: string[] },
  ) => Promise<GulpResult>;
  /** A file of the current release, in the uppermost layer that has it; empty when none has it. */
  content: (path: string) => Promise<string>;
  /** The id of the current release. */
  id: () => string;
}

/**
 * Lays out such a project.
 *
 * @param folder a function, since the folder is made when the suite starts
 * @param cache the cache folder, below the project's
 */
export function tinyHost(folder: () => string, cache = 'cache'): TinyHost {
  const path = (name = ''): string => join(folder(), name);
  const write: TinyHost['write'] = (name, text, mode = 0o644) => {
    mkdirSync(join(path(name), '..'), { recursive: true });
    writeFileSync(path(name), text, { mode });
  };
  return {
    path,
    write,
    configure: (keys) => {
      const config = {
        name: 'tiny',
        distribution: 'busybox',
        packages: ['busybox'],
        docker: { enabled: false },
        volumes: { docker: null },
        network: { dhcp: false },
        kernel: { provider: 'file', file: './vmlinuz' },
        install: { target: 'directory' },
        ...keys,
      };
      write('vmlinuz', 'no kernel, but a file\n');
      write(
        'gulpfile.ts',
        `import { distributions, dock0 } from '${join(PROJECT, 'tasks')}';
distributions.busybox = () => import('${join(FIXTURES, 'distributions/busybox')}').then(({ busybox }) => busybox);
export const { install, squash, customize, images, initramfs, lock, update, releases, rollback, gc, clean } = dock0();
`,
      );
      // YAML takes JSON.
      write('dock0.yaml', JSON.stringify(config));
    },
    task: (args, options = {}) =>
      gulp([...args, '--cache', path(cache)], { cwd: path(), gulpfile: path('gulpfile.ts'), ...options }),
    content: async (file) => {
      const layers = path('build/tiny/current/layers');
      for (const name of readdirSync(layers).sort().reverse()) {
        const options = { okCodes: [0, 1, 2], keep: Number.POSITIVE_INFINITY };
        const { stdout } = await run('unsquashfs', ['-cat', join(layers, name), file], options);
        if (stdout !== '') return stdout;
      }
      return '';
    },
    id: () => currentId(path(), 'tiny'),
  };
}
