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

/** Debian's kernel packages. The configured name is often a metapackage, so those that it depends on are taken. */
export const kernel: KernelPackages = {
  auto: () => AUTO[process.arch] ?? 'linux-image-generic',
  tools: [{ name: 'apt-get' }, { name: 'dpkg-deb', versioned: true }],
  settings: () => ({}),

  resolve: async (name, context, keep) => {
    const request = { packages: [name], essential: false };
    const all = await resolvePackages(aptOf(context), request, context, keep);
    const images = all.filter((each) => /^linux-(image|modules)-.*\d/.test(each.name));
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
    if (modules === undefined)
      throw new Dock0Error(
        `${packages.map(({ name }) => name).join(', ')}: no kernel modules in the package`,
      );
    mkdirSync(join(out, 'modules/usr/lib'), { recursive: true });
    renameSync(modules, join(out, 'modules/usr/lib/modules'));
    takeBootFile(unpacked, `vmlinuz-${version}`, join(out, 'vmlinuz'));
    takeBootFile(unpacked, `config-${version}`, join(out, 'config'));
    rmSync(unpacked, { recursive: true });
  },
};

function takeBootFile(unpacked: string, name: string, target: string): void {
  const file = fileInRoot(unpacked, `boot/${name}`);
  if (file === undefined) {
    const found = namesInRoot(unpacked, 'boot').join(', ') || 'nothing';
    throw new Dock0Error(`the kernel package has no ${name} in /boot, only ${found}`);
  }
  renameSync(file, target);
  chmodSync(target, 0o644);
}
