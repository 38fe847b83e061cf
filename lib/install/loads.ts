import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { didYouMean } from '../config/suggest';
import { moduleName, modulesNamed, readModuleTree } from '../initramfs/modules';

/**
 * What is to be said of modules that a machine is to load and its kernel does not have: a line each. A package may bring
 * a module of its own, so none is an error.
 *
 * @param loads `modules.load`
 * @param kernel the folder of the kernel's artifact
 */
export function unknownModules(loads: readonly string[], kernel: string): string[] {
  const folder = join(kernel, 'modules');
  // Without modules, everything is built in, and what that is nobody wrote down.
  if (!existsSync(join(folder, 'usr/lib/modules'))) return [];
  const tree = readModuleTree(folder);
  return loads
    .filter((name) => modulesNamed(tree, name).length === 0 && !tree.builtin.has(moduleName(name)))
    .map((name) => {
      const meant = didYouMean(moduleName(name), [...tree.files.keys(), ...tree.builtin]);
      const instead = meant === undefined ? '' : `; did you mean ${meant}?`;
      return `modules.load: the kernel ${tree.version} has no module ${name}${instead}`;
    });
}
