import { chmodSync, copyFileSync, existsSync, mkdirSync, readdirSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { defineStep } from '../../build';
import { Dock0Error } from '../../error';
import { copyTree } from '../../system/layer';
import { finishModules } from '../modules';

/** Uses an existing kernel: an image and, unless all is built in, the folder that holds its modules. */
export const fileKernel = defineStep({
  name: 'kernel',
  description: 'Uses a kernel from files',
  version: 1,

  tools: ({ config }) => (config.kernel.modules === 'none' ? [] : [{ name: 'depmod', versioned: true }]),

  inputs: ({ config: { kernel } }) => {
    const { file, modules, config_file: config } = kernel;
    if (file === undefined)
      throw new Dock0Error('kernel.file is missing: the provider "file" needs the path of a vmlinuz');
    return {
      files: [
        { name: 'vmlinuz', path: file },
        ...(modules === 'none' ? [] : [{ name: 'modules', path: modules }]),
        ...(config === undefined ? [] : [{ name: 'config', path: config }]),
      ],
    };
  },

  run: async (context) => {
    const { files, out, run } = context;
    const [file = '', modules, configFile] = ['vmlinuz', 'modules', 'config'].map(
      (wanted) => files.find(({ name }) => name === wanted)?.path,
    );
    copyFileSync(file, join(out, 'vmlinuz'));
    chmodSync(join(out, 'vmlinuz'), 0o644);
    if (configFile !== undefined) copyFileSync(configFile, join(out, 'config'));
    const said = await versionOf(file);
    if (modules === undefined) return { version: said ?? 'unknown', modules: false, epoch: EPOCH };
    const target = join(out, 'modules/usr/lib/modules');
    const version = folderOf(modules, said);
    mkdirSync(join(target, version), { recursive: true });
    await copyTree({ run }, join(modules, version), join(target, version));
    await run('chown', ['--recursive', '0:0', '--', join(out, 'modules')]);
    return { version: await finishModules(context), modules: true, epoch: EPOCH };
  },
});

// Files have no date that is the same on every machine: 2014-01-01, the year of the first dock0.
const EPOCH = 1_388_534_400;

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
