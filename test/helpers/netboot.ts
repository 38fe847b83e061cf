import { copyFileSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { createServer, type RequestListener } from 'node:http';
import { join } from 'node:path';
import { knownFiles } from '../../lib/engine/known-files';
import { NETBOOT } from '../../lib/install/netboot';
import { netboot } from '../../lib/install/targets/netboot';
import type { Assembly } from '../../lib/release/assemble';
import { run } from '../../lib/system/process';
import { portOf } from '../../lib/vm/port';
import { type LayerFile, type Made, writeLayers } from './initramfs-machine';

/** What the target `netboot` makes of a release of tiny layers. */
export interface Netbooted {
  /** The folder of the release. */
  release: string;
  /** The folder for an http server. */
  folder: string;
  /** The kernel and the initramfs in it, as `bootTiny` takes them. */
  made: Made;
}

export async function tinyNetboot(
  folder: string,
  made: Made,
  layers: Record<string, Record<string, LayerFile>>,
  { url, words = '' }: { url?: string; words?: string } = {},
): Promise<Netbooted> {
  const release = join(folder, 'release/r1');
  mkdirSync(release, { recursive: true });
  await writeLayers(join(release, 'layers'), layers);
  copyFileSync(join(made.kernel.path, 'vmlinuz'), join(release, 'vmlinuz'));
  copyFileSync(join(made.initramfs.path, 'initramfs.img'), join(release, 'initramfs.img'));
  const known = knownFiles();
  const names = readdirSync(join(release, 'layers')).sort();
  const files = ['vmlinuz', 'initramfs.img', ...names.map((name) => `layers/${name}`)].map((path) => {
    const sha256 = known.addNew(join(release, path), path);
    const { size: bytes } = known.below(release)[path] as { size: number };
    return { path, step: 'test', sha256, bytes, text: '' };
  });
  const cmdline = `quiet no_timer_check console=ttyS0 panic=-1 dock0.root=LABEL=dock0 dock0.release=current ${words} dock0.id=r1`;
  writeFileSync(join(release, 'cmdline'), `${cmdline}\n`);
  const assembly: Assembly = { id: 'r1', epoch: 1_700_000_000, cmdline, files };
  const install = { ...({} as Parameters<typeof netboot.write>[2]['values']['install']), url };
  await netboot.write(
    release,
    assembly,
    {
      values: { name: 'x', install, volumes: [] },
      means: {},
      files: [],
      tmp: folder,
      run,
      log: () => undefined,
    },
    known,
  );
  const served = join(release, NETBOOT);
  const inFolder = <A extends object>(artifact: A): A => ({ ...artifact, path: served });
  return {
    release,
    folder: served,
    made: { kernel: inFolder(made.kernel), initramfs: inFolder(made.initramfs), said: [] },
  };
}

/** A server on the loopback interface that does with requests what a test wants. */
export async function faultyServer(answer: RequestListener): Promise<{ port: number; close: () => void }> {
  const server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: portOf(server),
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}
