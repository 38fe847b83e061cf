import { chmodSync, existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { BuildContext, BuildStep } from '../../build';
import { archKernelName, resolveArchKernel, unpackKernel } from '../../distributions/arch/kernel-package';
import { stateOf } from '../../distributions/arch/provider';
import { archiveOf } from '../../distributions/debian/apt';
import { fetchPackages, newestBuild } from '../../distributions/debian/archives';
import { aptOf } from '../../distributions/debian/provider';
import { resolvePackages } from '../../distributions/debian/resolve';
import { fetchLocked, lockedOr, type PackageRequest } from '../../distributions/lock/locked';
import type { ResolvedPackage } from '../../distributions/package';
import { Dock0Error } from '../../error';
import { distributionOf } from '../../system/host';
import { finishModules } from '../modules';

/** The distribution's kernel package, downloaded and unpacked; nothing is installed on the host. */
export const packageKernel: BuildStep = {
  name: 'kernel',
  description: "Takes the distribution's kernel",
  version: 1,

  inputs: async (context) => {
    const packages = await kernelPackages(context);
    return {
      values: {
        packages: Object.fromEntries(
          packages.map(({ name, version, sha256 }) => [name, `${version} ${sha256.slice(0, 16)}`]),
        ),
        ...(isArch(context) ? { trust: stateOf(context).trust() } : {}),
      },
      tools: [isArch(context) ? 'pacman' : 'dpkg-deb', 'depmod'],
    };
  },

  run: async (context) => {
    const { out, tmp, run, log } = context;
    const packages = await kernelPackages(context);
    if (isArch(context)) {
      const epoch = await unpackKernel(packages, context);
      return { version: await finishModules(context), modules: true, epoch };
    }
    const apt = aptOf(context);
    await fetchLocked(context, () => fetchPackages(apt, packages, context));
    const unpacked = join(tmp, 'unpacked');
    mkdirSync(unpacked);
    for (const each of packages) {
      log(`unpacking ${each.name} ${each.version}`);
      await run('dpkg-deb', ['--extract', archiveOf(apt, each), unpacked]);
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

/** What is asked of the distribution for the kernel. */
export function kernelRequest(context: BuildContext): PackageRequest {
  const { kernel } = context.config;
  if (isArch(context)) return { use: 'kernel', wanted: [archKernelName(context.config)] };
  const name = kernel.package === 'auto' ? (AUTO[process.arch] ?? 'linux-image-generic') : kernel.package;
  return { use: 'kernel', wanted: [name] };
}

/** The packages with the kernel and its modules; what they depend on is no part of it. */
function kernelPackages(context: BuildContext): Promise<ResolvedPackage[]> {
  return lockedOr(kernelRequest(context), context, () => resolveKernel(context));
}

/** These packages as the repositories' lists have them. @param keep packages whose version is to stay */
export async function resolveKernel(
  context: BuildContext,
  keep: readonly ResolvedPackage[] = [],
): Promise<ResolvedPackage[]> {
  const name = kernelRequest(context).wanted[0] as string;
  if (isArch(context)) return [await resolveArchKernel(name, context, keep)];
  const request = { packages: [name], essential: false };
  const all = await resolvePackages(aptOf(context), request, context, keep);
  const images = all.filter((each) => /^linux-(image|modules)-.*\d/.test(each.name));
  if (images.length > 0) return images;
  throw new Dock0Error(`kernel.package: ${name} brings no kernel (a package linux-image-<version>)`);
}

function isArch({ config: { distribution } }: BuildContext): boolean {
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
