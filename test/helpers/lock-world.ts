import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { aptOf } from '../../lib/distributions/debian/apt';
import { fetchPackages, makeRepository } from '../../lib/distributions/debian/archives';
import { resolvePackages } from '../../lib/distributions/debian/resolve';
import { hashFile } from '../../lib/engine/hash-index';
import { run } from '../../lib/system/process';
import { type Runner, withSandbox } from '../../lib/system/sandbox';
import { type Mirror, ONLY_LOOPBACK, startMirror } from '../fixtures/arch/mirror';
import { type SmallPackage, type SmallRepository, smallRepository } from '../fixtures/arch/small-repository';
import { loadConfig } from './config';
import { FIXTURES, SHARED_CACHE } from './gulp';
import { storedArtifacts } from './store';

/** A package of one file, `/usr/share/NAME`, that says its version. */
export interface TinyPackage {
  name: string;
  version: string;
  depends?: string[];
}

/** A distribution whose repository a test can move forward. */
export interface LockWorld {
  open: (folder: string) => Promise<void>;
  /** Adds packages to the repository; newer versions take the place of older ones in its lists, not of their files. */
  publish: (packages: TinyPackage[]) => Promise<void>;
  /** Takes away a package's file, which the lists go on naming. */
  withdraw: (name: string, version: string) => void;
  /** What a configuration needs to install from there. */
  keys: () => object;
  /** The environment that keeps builds from other mirrors. */
  env: Record<string, string>;
  /** A dependency on at least a version, as the distribution writes it. */
  atLeast: (name: string, version: string) => string;
  close: () => Promise<void>;
}

/** Debian's essential packages and tiny ones in a flat repository. */
export function debianWorld(): LockWorld {
  let folder = '';
  let essential = '';
  let codename = '';
  const stanzas = new Map<string, string>();
  const writeIndex = (): void => {
    writeFileSync(join(folder, 'mirror/Packages'), [essential.trim(), ...stanzas.values(), ''].join('\n\n'));
    rmSync(join(folder, 'mirror/Release'), { force: true });
  };
  return {
    open: async (place) => {
      folder = place;
      mkdirSync(folder, { recursive: true });
      const context = { signal: new AbortController().signal, log: () => undefined };
      const { base } = loadConfig({ files: [join(FIXTURES, 'small.yaml')] });
      const apt = aptOf({ config: base, cache: SHARED_CACHE });
      const packages = await resolvePackages(apt, { packages: base.packages, essential: true }, context);
      await fetchPackages(apt, packages, context);
      makeRepository(apt, packages, join(folder, 'mirror'));
      essential = readFileSync(join(folder, 'mirror/Packages'), 'utf8');
      codename = apt.codename;
      writeIndex();
    },
    publish: async (packages) => {
      for (const { name, version, depends = [] } of packages) {
        const tree = join(folder, 'tree');
        rmSync(tree, { recursive: true, force: true });
        mkdirSync(join(tree, 'usr/share'), { recursive: true });
        mkdirSync(join(tree, 'DEBIAN'));
        writeFileSync(join(tree, 'usr/share', name), `${version}\n`);
        const needs = depends.length > 0 ? `\nDepends: ${depends.join(', ')}` : '';
        const control = `Package: ${name}\nVersion: ${version}\nArchitecture: all\nMaintainer: Nobody <nobody@example.org>${needs}\nDescription: a tiny package`;
        writeFileSync(join(tree, 'DEBIAN/control'), `${control}\n`);
        const file = join(folder, 'mirror', `${name}_${version}_all.deb`);
        await run('dpkg-deb', ['--build', '--root-owner-group', tree, file], {
          env: { SOURCE_DATE_EPOCH: '1767225600' },
        });
        const bytes = readFileSync(file).length;
        stanzas.set(
          name,
          `${control}\nFilename: ./${basename(file)}\nSize: ${bytes}\nSHA256: ${hashFile(file)}`,
        );
      }
      writeIndex();
    },
    withdraw: (name, version) => rmSync(join(folder, 'mirror', `${name}_${version}_all.deb`)),
    keys: () => ({
      distribution: 'debian',
      release: codename,
      mirror: [`deb [trusted=yes] copy:${encodeURI(join(folder, 'mirror'))} ./`],
    }),
    env: {},
    atLeast: (name, version) => `${name} (>= ${version})`,
    close: async () => undefined,
  };
}

/** Arch's, which a test can also give packages that have more to say. */
export interface ArchWorld extends LockWorld {
  add: (repository: string, packages: readonly SmallPackage[]) => Promise<void>;
  mirror: () => Mirror;
}

/** Tiny packages in a signed repository of pacman's, on a mirror on loopback. */
export function archWorld(): ArchWorld {
  let repository: SmallRepository;
  let mirror: Mirror;
  let inSandbox: Runner = run;
  const add: ArchWorld['add'] = (name, packages) =>
    sandboxed(async () => {
      await repository.add(name, packages);
    });
  const sandboxed = (work: () => Promise<unknown>): Promise<void> =>
    withSandbox(run, async (sandbox) => {
      inSandbox = sandbox.run;
      await work();
    });
  return {
    open: async (folder) => {
      await sandboxed(async () => {
        repository = await smallRepository(folder, (...words) => inSandbox(...words));
        await repository.add('extra', [{ name: 'something' }]);
      });
      mirror = await startMirror(repository.folder);
    },
    publish: (packages) =>
      add(
        'core',
        packages.map(({ version, ...rest }) => ({
          ...rest,
          version: `${version}-1`,
          files: { [`usr/share/${rest.name}`]: `${version}\n` },
        })),
      ),
    add,
    mirror: () => mirror,
    withdraw: (name, version) => {
      const place = join(repository.folder, 'core/os/x86_64');
      for (const file of readdirSync(place)) {
        if (file.startsWith(`${name}-${version}-`)) rmSync(join(place, file));
      }
    },
    keys: () => ({
      distribution: 'arch',
      mirror: [mirror.server],
      pacman: { keys: [repository.key.file] },
    }),
    env: ONLY_LOOPBACK,
    atLeast: (name, version) => `${name}>=${version}`,
    close: () => mirror.close(),
  };
}

/** What the installed package's file says. */
export function installed(cache: string, name: string): string | undefined {
  const file = join(storedArtifacts(cache, 'pacstrap')[0] ?? '', 'layer/usr/share', name);
  return existsSync(file) ? readFileSync(file, 'utf8').trim() : undefined;
}
