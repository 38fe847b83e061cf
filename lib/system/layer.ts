import { lstatSync, readdirSync } from 'node:fs';
import { chmod, mkdir, rm, stat, writeFile } from 'node:fs/promises';
import { join, normalize } from 'node:path';
import { codeOf, Dock0Error } from '../error';
import { CommandError } from './process';
import { type Runner, type Sandbox, withSandbox } from './sandbox';
import { setTimes } from './times';
import { unescaped } from './xattrs';

/** A layer to be made: what lies below it, and where its own files go. */
export interface LayerSpec {
  /** Folders of the layers below, the lowest first. */
  below: string[];
  /**
   * The folder that becomes the layer; made empty. Whiteouts and opaque folders are overlayfs's own. Without one, what
   * is written is thrown away.
   */
  layer?: string;
  /** An empty folder on the same file system as `layer`, for overlayfs and for mount points. */
  tmp: string;
  /** An archive of a formatted image: the layer is written inside a copy of it, so that its size bounds the layer. */
  image?: string | undefined;
  /** Whether commands reach this machine's network. */
  network?: boolean;
  /**
   * Seconds since 1970: the time that everything gets which is written while the layer is open, whatever the clock of
   * this machine says.
   */
  epoch?: number;
}

/** What a step has while its layer is writable. */
export interface OpenLayer {
  sandbox: Sandbox;
  /** The stacked root, as commands in the sandbox see it. */
  root: string;
  /** The path of this process for a path in the stacked root. */
  path: (inRoot: string) => string;
}

// What copy-up needs to know of the layer below on this machine: it would make equal layers differ.
const MACHINE_XATTRS = '^trusted\\.overlay\\.(origin|impure|nlink|uuid|upper|opaque)$';
const OPAQUE = 'trusted.overlay.opaque=';
// Features that would leave marks only this kernel understands; `volatile` skips syncing a layer that is not kept
// unless the step succeeds (Documentation/filesystems/overlayfs.rst).
// A device node of a package opens nothing of this machine: /dev is mounted in its place.
const OPTIONS = 'nodev,redirect_dir=off,metacopy=off,index=off,xino=off,volatile';

/**
 * Opens a root made of the layers below and a new one on top, for the time `use` takes. Afterwards `layer` holds what
 * `use` added, changed and (as whiteouts) removed.
 *
 * Where overlayfs cannot write to the layer's file system (it is an overlayfs itself, in a container), what is written
 * goes to memory first; `log` says so.
 *
 * @throws Dock0Error when nothing can be mounted at all, or when that file system cannot hold the removal of a path
 */
export async function withLayer<T>(
  spec: LayerSpec,
  runner: Runner,
  log: (line: string) => void,
  use: (open: OpenLayer) => Promise<T>,
): Promise<T> {
  const root = join(spec.tmp, 'root');
  const area = join(spec.tmp, 'area');
  const layer = spec.layer ?? join(spec.tmp, 'upper');
  const stamp = join(spec.tmp, 'opened');
  for (const folder of [root, area, layer]) await mkdir(folder, { recursive: true, mode: 0o755 });
  await writeFile(stamp, '');
  // A moment earlier: file times are coarser than the clock.
  const opened = (await stat(stamp)).mtimeMs - 1000;
  const work = async (sandbox: Sandbox): Promise<T> => {
    const elsewhere = await stack(spec, { root, area, layer }, sandbox, log);
    const open: OpenLayer = { sandbox, root, path: (inRoot) => sandbox.path(join(root, inRoot)) };
    const result = await use(open);
    if (spec.layer === undefined || elsewhere === undefined) return result;
    // Lazily: what a command left running ends with the sandbox.
    await sandbox.run('umount', ['--recursive', '--lazy', '--', root]);
    await keep(elsewhere, layer, sandbox);
    return result;
  };
  // The mounts end with the sandbox, and with it all that could still write.
  const result = await withSandbox(runner, work, { network: spec.network ?? false });
  if (spec.layer === undefined) return result;
  const cleaned = dropMachineXattrs(runner, spec.below, layer);
  // Contents of packages, which are older, keep their times.
  if (spec.epoch !== undefined) setTimes(layer, spec.epoch, opened);
  await cleaned;
  return result;
}

interface Places {
  root: string;
  /** A mount point for where the layer is written first. */
  area: string;
  layer: string;
}

/** Mounts the root. @returns where the new layer is written, when that is not its folder */
async function stack(
  spec: LayerSpec,
  { root, area, layer }: Places,
  sandbox: Sandbox,
  log: (line: string) => void,
): Promise<string | undefined> {
  const upper = join(area, 'upper');
  if (spec.image !== undefined) {
    await mountImage(spec.image, spec.tmp, area, sandbox);
    if (await mountOverlay(spec, upper, join(area, 'work'), root, sandbox)) return upper;
  } else {
    if (await mountOverlay(spec, layer, join(spec.tmp, 'work'), root, sandbox)) return undefined;
    if (spec.below.length === 0) {
      await sandbox.mount(layer, root, 'none', 'bind,nodev');
      return undefined;
    }
    log('overlayfs cannot write to the cache: changes are kept in memory first');
    await sandbox.mount('tmpfs', area, 'tmpfs', 'mode=755');
    if (await mountOverlay(spec, upper, join(area, 'work'), root, sandbox)) return upper;
  }
  throw new Dock0Error('overlayfs is unavailable', {
    hint: 'The kernel has to have it (CONFIG_OVERLAY_FS), and to allow this user to mount it.',
  });
}

/** Copies a layer to its folder. Whiteouts are device nodes, which not every file system can hold. */
async function keep(written: string, layer: string, sandbox: Sandbox): Promise<void> {
  try {
    await copyTree(sandbox, written, layer);
  } catch (error) {
    const path =
      error instanceof CommandError && /cannot create special file '([^']*)'/.exec(error.output)?.[1];
    if (!path) throw error;
    throw new Dock0Error(
      `the cache's file system cannot record the removal of ${normalize(path.slice(layer.length))}`,
      {
        hint: 'Its file system is an overlayfs, as in a container: put --cache on a volume or another disk.',
        cause: error,
      },
    );
  }
}

/** Copies a folder's content with owners, modes, times, links, devices, holes and extended attributes (cp(1) -a). */
export async function copyTree(sandbox: Pick<Sandbox, 'run'>, from: string, to: string): Promise<void> {
  await sandbox.run('cp', ['--archive', '--sparse=auto', '--', `${from}/.`, to]);
}

async function mountOverlay(
  { below, tmp }: LayerSpec,
  upper: string,
  work: string,
  root: string,
  sandbox: Sandbox,
): Promise<boolean> {
  const empty = join(tmp, 'empty');
  for (const folder of [upper, work, empty]) {
    await mkdir(sandbox.path(folder), { recursive: true });
    await chmod(sandbox.path(folder), 0o755);
  }
  const lower = below.length === 0 ? [empty] : [...below].reverse();
  const options = `lowerdir=${lower.map(escaped).join(':')},upperdir=${escaped(upper)},workdir=${escaped(work)}`;
  try {
    await sandbox.mount('overlay', root, 'overlay', `${options},${OPTIONS}`);
    return true;
  } catch (error) {
    if (error instanceof CommandError || codeOf(error) === 'ENOSYS') return false;
    throw error;
  }
}

/** The name of the image in its archive. */
export const IMAGE_NAME = 'root.img';

async function mountImage(archive: string, tmp: string, area: string, sandbox: Sandbox): Promise<void> {
  await sandbox.run('tar', [
    '--extract',
    '--file',
    archive,
    '--force-local',
    // Otherwise a backslash in the name of the folder begins an escape.
    '--no-unquote',
    '--directory',
    tmp,
    '--',
    IMAGE_NAME,
  ]);
  const copy = join(tmp, IMAGE_NAME);
  // The loop device is autoclear (mount(8)): it goes with the mount, and so with the sandbox.
  await sandbox.mount(copy, area, 'auto', 'loop');
  // Only the mount needs the file; unlinked, it can't outlive the sandbox.
  await rm(copy);
}

async function dropMachineXattrs(run: Runner, below: string[], layer: string): Promise<void> {
  // With nothing below, only what lies directly in the root was made in a folder that overlayfs merges.
  const lowest = below.length === 0;
  const where = lowest ? [layer, ...readdirSync(layer).map((name) => join(layer, name))] : [layer];
  const flags = ['--absolute-names', '--no-dereference', '--dump', '--match', MACHINE_XATTRS];
  const depth = lowest ? [] : ['--recursive', '--physical'];
  const { stdout } = await run('getfattr', [...depth, ...flags, '--', ...where]);
  const marked = new Map<string, Map<number, string>>();
  let path = '';
  for (const line of stdout.split('\n')) {
    if (line.startsWith('# file: ')) path = unescaped(line.slice('# file: '.length));
    // An opaque folder hides what is below it; where nothing is, the mark says nothing.
    else if (line.startsWith(OPAQUE) && isBelow(below, path.slice(layer.length))) continue;
    else if (line !== '') {
      const name = line.split('=')[0] as string;
      // Of a file with several names, the mark is taken away by one of them.
      const { ino } = lstatSync(path);
      const known = marked.get(name) ?? new Map<number, string>();
      marked.set(name, known.set(ino, path));
    }
  }
  const removals = [...marked].map(async ([name, files]) => {
    const paths = [...files.values()];
    for (let start = 0; start < paths.length; start += 500) {
      const some = paths.slice(start, start + 500);
      await run('setfattr', ['--no-dereference', '--remove', name, '--', ...some]);
    }
  });
  await Promise.all(removals);
}

/** A path in overlayfs's mount options: `:` and `,` are taken behind a backslash. */
export function escaped(path: string): string {
  return path.replace(/[\\:,]/g, '\\$&');
}

/** Whether one of the layers below has a path, and none above it removes it. */
function isBelow(below: string[], path: string): boolean {
  for (const layer of [...below].reverse()) {
    const stat = lstatSync(join(layer, path), { throwIfNoEntry: false });
    if (stat !== undefined) return !(stat.isCharacterDevice() && stat.rdev === 0);
  }
  return false;
}
