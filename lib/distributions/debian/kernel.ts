import { chmodSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { Dock0Error } from '../../error';
import { fileInRoot, namesInRoot } from '../../root/path';
import { moduleFolder } from '../kernel-modules';
import type { KernelPackages } from '../provider';
import { aptOf, archiveOf } from './apt';
import { resolvePackages } from './resolve';

/** The smallest kernel of Debian's that serves virtual machines, by Node's name of the architecture. */
const AUTO: Record<string, string> = { x64: 'linux-image-cloud-amd64', arm64: 'linux-image-cloud-arm64' };

/**
 * The packages that a kernel is made of. From forky on, linux-image-<version> is empty, and what it had is in three others.
 */
const PARTS = /^linux-(image|modules|binary|base)-.*\d/;

/** Debian's kernel packages. The configured name is often a metapackage, so those that it depends on are taken. */
export const kernel: KernelPackages = {
  auto: () => AUTO[process.arch] ?? 'linux-image-generic',
  apparmor: true,
  tools: [{ name: 'apt-get' }, { name: 'dpkg-deb', versioned: true }],
  settings: () => ({}),

  resolve: async (name, context, keep) => {
    const request = { packages: [name], essential: false };
    const all = await resolvePackages(aptOf(context), request, context, keep);
    const images = all.filter((each) => PARTS.test(each.name));
    if (images.length > 0) return images;
    throw new Dock0Error(
      `kernel.package: ${name} depends on no package with a kernel (linux-image-<version>)`,
    );
  },

  unpack: async (packages, context) => {
    const { out, tmp, run, log } = context;
    const apt = aptOf(context);
    const unpacked = join(tmp, 'unpacked');
    mkdirSync(unpacked);
    for (const each of packages) {
      log(`unpacking ${each.name} ${each.version}`);
      await run('dpkg-deb', ['--extract', archiveOf(apt, each), unpacked]);
    }
    const { modules, version } = moduleFolder(unpacked, ['usr/lib/modules', 'lib/modules']) ?? {};
    if (modules === undefined || version === undefined)
      throw new Dock0Error(
        `${packages.map(({ name }) => name).join(', ')}: no kernel modules in the package`,
      );
    for (const name of ['vmlinuz', 'config']) {
      const places = [`boot/${name}-${version}`, `usr/lib/modules/${version}/${name}`];
      takeFirst(unpacked, places, join(out, name));
    }
    rmSync(join(modules, version, 'System.map'), { force: true });
    mkdirSync(join(out, 'modules/usr/lib'), { recursive: true });
    renameSync(modules, join(out, 'modules/usr/lib/modules'));
    rmSync(unpacked, { recursive: true });
  },
};

/** Takes a file out of unpacked packages: Debian has it in /boot, later releases beside the modules. */
function takeFirst(unpacked: string, places: readonly string[], target: string): void {
  const file = places.flatMap((place) => fileInRoot(unpacked, place) ?? [])[0];
  if (file === undefined) {
    const found = namesInRoot(unpacked, 'boot').join(', ') || 'nothing';
    throw new Dock0Error(`the kernel package has no ${places.join(' or ')}; /boot has ${found}`);
  }
  renameSync(file, target);
  chmodSync(target, 0o644);
}
