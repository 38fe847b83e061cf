import { chmodSync, copyFileSync, existsSync, mkdirSync, readdirSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { defineStep } from '../../build';
import { pathsOf } from '../../engine/inputs';
import type { FileInput } from '../../engine/step';
import { Dock0Error } from '../../error';
import { copyTree } from '../../system/layer';
import { BUILD_TREES, finishModules } from '../modules';

/** Uses an existing kernel: an image and, unless all is built in, the folder that holds its modules. */
export const fileKernel = defineStep({
  name: 'kernel',
  description: 'Uses a kernel from files',
  version: 2,

  tools: ({ config }) => (config.kernel.modules === 'none' ? [] : [{ name: 'depmod', versioned: true }]),

  inputs: async ({ config: { kernel } }) => {
    const { file, modules, config_file: config } = kernel;
    if (file === undefined)
      throw new Dock0Error('kernel.file is missing: the provider "file" needs the path of a vmlinuz');
    const said = await versionOf(file);
    const version = modules === 'none' ? undefined : folderOf(modules, said);
    return {
      values: { release: version ?? said ?? 'unknown' },
      files: [
        { role: 'vmlinuz', name: 'vmlinuz', path: file, modeless: true },
        ...(version === undefined ? [] : [modulesIn(modules, version)]),
        ...(config === undefined ? [] : [{ role: 'config', name: 'config', path: config, modeless: true }]),
      ],
    };
  },

  run: async (context) => {
    const { files, values, out, run } = context;
    const [file = ''] = pathsOf(files, 'vmlinuz');
    const [modules] = pathsOf(files, 'modules');
    const [configFile] = pathsOf(files, 'config');
    const copy = (from: string, name: string): void => {
      copyFileSync(from, join(out, name));
      chmodSync(join(out, name), 0o644);
    };
    copy(file, 'vmlinuz');
    if (configFile !== undefined) copy(configFile, 'config');
    if (modules === undefined) return { version: values.release, modules: false, epoch: EPOCH };
    const target = join(out, 'modules/usr/lib/modules', values.release);
    mkdirSync(target, { recursive: true });
    await copyTree({ run }, modules, target);
    await run('chown', ['--recursive', '0:0', '--', join(out, 'modules')]);
    return { version: await finishModules(context), modules: true, epoch: EPOCH };
  },
});

// Files have no date that is the same on every machine: 2014-01-01, the year of the first dock0.
const EPOCH = 1_388_534_400;

/** The modules of one version. What its links lead to counts: depmod reads it. Of the links to build trees nothing is kept. */
function modulesIn(modules: string, version: string): FileInput {
  return {
    role: 'modules',
    name: `modules/${version}`,
    path: join(modules, version),
    follow: true,
    except: (path) => BUILD_TREES.includes(path),
  };
}

/** The folder of the modules for a kernel: the one named as its version, else the only one. */
function folderOf(modules: string, version: string | undefined): string {
  if (version !== undefined && existsSync(join(modules, version))) return version;
  const names = readdirSync(modules);
  if (names.length === 1 && version === undefined) return names[0] as string;
  throw new Dock0Error(
    `kernel.modules: ${modules} has no folder ${version ?? 'for this kernel alone'}, only ${names.join(', ') || 'nothing'}`,
    {
      hint: 'State the folder that holds <version>/modules.dep, such as /lib/modules.',
    },
  );
}

/**
 * The version text of an x86 bzImage: offset 0x20e of the setup header points to it, less 0x200
 * (Documentation/arch/x86/boot.rst, `kernel_version`). Undefined for another kind of image.
 */
async function versionOf(vmlinuz: string): Promise<string | undefined> {
  const file = await open(vmlinuz);
  try {
    const header = Buffer.alloc(0x8000);
    await file.read(header, 0, header.length, 0);
    if (header.toString('latin1', 0x202, 0x206) !== 'HdrS') return undefined;
    const at = header.readUInt16LE(0x20e) + 0x200;
    return header.toString('latin1', at, at + 256).split(/[\0 ]/)[0];
  } finally {
    await file.close();
  }
}
