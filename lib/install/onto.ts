import { createHash, randomBytes } from 'node:crypto';
import { mkdirSync, realpathSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Flags } from '../config/flags';
import { machineProgram } from '../config/paths';
import type { Config } from '../config/schema';
import { Dock0Error } from '../error';
import { DISK_IMAGE } from '../release/layout';
import { blockDevice } from '../system/block-device';
import { guard } from '../system/guard';
import { run as runCommand } from '../system/process';
import { type Runner, withSandbox } from '../system/sandbox';
import { type Place, placesOf } from './layout';
import { signedOtherwise } from './signed-loader';
import { checkDevice, checkEmpty, writeDisk } from './write-disk';

/** Where a disk image is mounted, who ends it, and who is told. */
interface At {
  /** The folder of the cache. */
  cache: string;
  signal: AbortSignal;
  log: (line: string) => void;
}

/**
 * Runs a command on the releases of a disk image: the program that machines run on their own disk. The image is mounted in
 * a namespace that ends with this process.
 *
 * @param disk the image
 * @param command a command of hooks/machine/releases, and what follows the disk
 * @param before what comes first, with the EFI system partition and an empty folder
 * @throws Dock0Error when there is no such image, it has no releases, or the command refuses; the disk boots what it did
 */
export async function onDisk(
  disk: string,
  [command, ...words]: readonly [string, ...string[]],
  { cache, signal, log }: At,
  before: (esp: Place, more: { tmp: string; run: Runner }) => Promise<void> = async () => undefined,
): Promise<void> {
  const run: Runner = (program, args, more) => runCommand(program, args, { ...more, signal });
  const { esp, releases } = await placesOn(disk, run);
  const folder = join(cache, 'tmp', `disk-${process.pid}-${randomBytes(4).toString('hex')}`);
  const lock = `${folder}.lock`;
  const held = await guard(lock, { remove: [folder, lock], signal });
  // Two mounts of one file system destroy it.
  const name = createHash('sha256').update(realpathSync(disk)).digest('hex').slice(0, 32);
  const alone = await guard(join(cache, 'locks', `disk-${name}.lock`), {
    signal,
    onWait: () => log(`waiting for another command that uses ${disk}`),
  }).catch(async (error) => {
    await held.release();
    throw error;
  });
  try {
    mkdirSync(folder, { recursive: true });
    await before(esp, { tmp: folder, run });
    await withSandbox(run, async (sandbox) => {
      const place = `loop,offset=${releases.start},sizelimit=${releases.bytes}`;
      await sandbox.mount(resolve(disk), folder, 'ext4', place);
      const program = machineProgram('releases');
      const env = { DOCK0_ESP: `${resolve(disk)}@@${esp.start}` };
      const said = await sandbox.run('sh', [program, command, folder, ...words], { okCodes: [0, 1], env });
      await sandbox.run('umount', ['--', folder]);
      if (said.code !== 0)
        throw new Dock0Error(`${disk}: ${said.stderr.trim()}`, { hint: 'The disk boots what it did.' });
      for (const line of said.stdout.split('\n')) if (line !== '') log(line);
    });
  } finally {
    await alone.release();
    await held.release();
  }
}

/**
 * Puts a release onto a disk: beside the releases that it has, else with the whole disk image.
 *
 * @param make makes the release, and returns its folder; what is wrong with the disk is said before
 * @throws Dock0Error when the disk is in use or holds something else; see {@link onDisk}
 */
export async function ontoDisk(
  { onto = '', erase }: Pick<Flags, 'onto' | 'erase'>,
  { releases, tries, loader, secure_boot: keys }: Config['install'],
  at: At,
  make: () => Promise<string>,
): Promise<void> {
  const { signal, log } = at;
  const run: Runner = (program, args, more) => runCommand(program, args, { ...more, signal });
  if (erase !== undefined && erase !== onto)
    throw new Dock0Error(`--yes-erase ${erase}: expected the disk that --onto names, ${onto}`);
  const device = blockDevice(onto);
  if (device === undefined && erase !== undefined)
    throw new Dock0Error(`--yes-erase ${erase}: expected a disk, such as /dev/sdb`, {
      hint: 'A disk image is replaced by the one of the release: copy that.',
    });
  if (device !== undefined) checkDevice(device);
  if (device !== undefined && (erase !== undefined || (await placesIn(onto, run)) === undefined)) {
    if (erase === undefined) await checkEmpty(device);
    await writeDisk(join(await make(), DISK_IMAGE), device, { erase: erase !== undefined, run, signal, log });
    log(`the release is on ${device.path}, which boots by itself`);
    return;
  }
  const add = ['add', await make(), String(releases), String(tries), loader] as const;
  await onDisk(onto, add, at, async (esp, more) => {
    const warning = await signedOtherwise(onto, esp, keys?.certificate, more);
    if (warning !== undefined) log(`warning: ${warning}`);
  });
}

/**
 * The one build that a disk is for.
 *
 * @throws Dock0Error when there are several
 */
export function theBuild<B>(builds: readonly B[]): B {
  const [build, another] = builds;
  if (build !== undefined && another === undefined) return build;
  throw new Dock0Error('--onto: one disk has the releases of one host, and there are several', {
    hint: 'Name one host: --host NAME.',
  });
}

/** The partitions with the releases and with what boots them, of a disk or a disk image; undefined where it has none. */
export async function placesIn(
  disk: string,
  run: Runner,
): Promise<Record<'esp' | 'releases', Place> | undefined> {
  const { stdout, code } = await run('sfdisk', ['--json', disk], { okCodes: [0, 1] });
  return code === 0 ? placesOf(JSON.parse(stdout)) : undefined;
}

async function placesOn(disk: string, run: Runner): Promise<Record<'esp' | 'releases', Place>> {
  const device = blockDevice(disk);
  if (device !== undefined) checkDevice(device);
  else if (!statSync(disk, { throwIfNoEntry: false })?.isFile())
    throw new Dock0Error(`--onto ${disk}: there is no such disk, nor a disk image`, {
      hint: '`gulp install` makes an image.',
    });
  const found = await placesIn(disk, run);
  if (found !== undefined) return found;
  throw new Dock0Error(`--onto ${disk}: expected a disk of the layout gpt`, {
    hint: 'One of the layout filesystem is replaced as a whole.',
  });
}
