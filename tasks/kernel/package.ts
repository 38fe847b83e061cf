import { chmodSync, existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fetchPackages, newestBuild } from '../../lib/debian/archives';
import { type DebianPackage, resolvePackages } from '../../lib/debian/resolve';
import type { PlanContext, Step } from '../../lib/engine/step';
import { Dock0Error } from '../../lib/error';
import { kernelPackage, unpackKernel } from '../../lib/pacman/kernel-package';
import { distributionOf } from '../../lib/system/host';
import { aptOf } from '../pacstrap/debian';
import { finishModules } from './modules';

/** The distribution's kernel package, downloaded and unpacked; nothing is installed on the host. */
export const packageKernel: Step = {
  name: 'kernel',
  description: "Takes the distribution's kernel",
  version: 1,

  inputs: async (context) => {
    if (isArch(context)) {
      const { name, version, sha256 } = await kernelPackage(context);
      return {
        values: { packages: { [name]: `${version} ${sha256.slice(0, 16)}` } },
        tools: ['pacman', 'depmod'],
      };
    }
    const packages = await kernelPackages(context);
    return {
      values: {
        packages: Object.fromEntries(
          packages.map(({ name, version, sha256 }) => [name, `${version} ${sha256.slice(0, 16)}`]),
        ),
      },
      tools: ['dpkg-deb', 'depmod'],
    };
  },

  run: async (context) => {
    const { out, tmp, run, log } = context;
    if (isArch(context)) {
      const epoch = await unpackKernel(await kernelPackage(context), context);
      return { version: await finishModules(context), modules: true, epoch };
    }
    const apt = aptOf(context);
    const packages = await kernelPackages(context);
    await fetchPackages(apt, packages, context, { dependencies: false });
    const unpacked = join(tmp, 'unpacked');
    mkdirSync(unpacked);
    for (const { file, name, version } of packages) {
      log(`unpacking ${name} ${version}`);
      await run('dpkg-deb', ['--extract', join(apt.archives, file), unpacked]);
    }
    mkdirSync(join(out, 'modules/usr/lib'), { recursive: true });
    const modules = ['usr/lib/modules', 'lib/modules'].find((path) => existsSync(join(unpacked, path)));
    if (modules === undefined)
      throw new Dock0Error(`${packages.map(({ name }) => name).join(', ')}: no modules in it`);
    renameSync(join(unpacked, modules), join(out, 'modules/usr/lib/modules'));
    const version = await finishModules(context);
    takeBootFile(unpacked, `vmlinuz-${version}`, join(out, 'vmlinuz'));
    takeBootFile(unpacked, `config-${version}`, join(out, 'config'));
    rmSync(unpacked, { recursive: true });
    return { version, modules: true, epoch: newestBuild(apt, packages) };
  },
};

/** The smallest kernel of the distribution that serves virtual machines. */
const AUTO: Record<string, string> = { x64: 'linux-image-cloud-amd64', arm64: 'linux-image-cloud-arm64' };

async function kernelPackages(context: PlanContext): Promise<DebianPackage[]> {
  const { kernel } = context.config;
  const name = kernel.package === 'auto' ? (AUTO[process.arch] ?? 'linux-image-generic') : kernel.package;
  const all = await resolvePackages(aptOf(context), { packages: [name], essential: false }, context);
  const images = all.filter((each) => /^linux-(image|modules)-.*\d/.test(each.name));
  if (images.length > 0) return images;
  throw new Dock0Error(`kernel.package: ${name} brings no kernel (a package linux-image-<version>)`);
}

function isArch({ config: { distribution } }: PlanContext): boolean {
  return (distribution === 'auto' ? distributionOf() : distribution) === 'arch';
}

function takeBootFile(unpacked: string, name: string, target: string): void {
  const boot = join(unpacked, 'boot');
  if (!existsSync(join(boot, name))) {
    throw new Dock0Error(`the kernel package has no ${name}, only ${readdirSync(boot).join(', ')}`);
  }
  renameSync(join(boot, name), target);
  chmodSync(target, 0o644);
}
