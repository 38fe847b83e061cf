import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { run } from '../../../lib/system/process';
import { CHOICES, type Chosen, dump, type Parts, sumOf } from './boots';
import { NEW, OLD, type Recorded } from './update';

/** What a disk boots after the power failed; `neither` with the reason. */
export type Verdict = { boots: typeof OLD | typeof NEW } | { boots: 'neither'; why: string };

/**
 * Judges a disk as a boot would: the boot loader reads it as the power left it; then the machine replays the journal, finds
 * the release that it was told, and all of that has to be what the sums of the release say.
 *
 * @param folder for files of its own
 */
export async function judge(
  left: Parts,
  { loader, releases: made }: Pick<Recorded, 'loader' | 'releases'>,
  folder: string,
): Promise<Verdict> {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const neither = (why: string): Verdict => ({ boots: 'neither', why });
  const chosen = await CHOICES[loader](left, folder);
  const damage = damageOf(chosen, made);
  if (chosen === undefined || damage !== undefined) return neither(`the boot loader: ${damage}`);

  const parts: Parts = { esp: join(folder, 'mended.esp'), releases: join(folder, 'mended') };
  await run('cp', [left.releases, parts.releases]);
  // The journal, and what a check of the file system finds beyond it.
  for (const words of [['-E', 'journal_only'], ['-f']]) {
    const { code, stdout } = await run('e2fsck', ['-p', ...words, parts.releases], {
      okCodes: [0, 1, 2, 4, 8, 12],
    });
    if (code > 1) return neither(`e2fsck ${words.join(' ')} of the releases: ${stdout}`);
    if (words[0] !== '-E') continue;
    const wrong = await wrongFiles(parts.releases, chosen.id, made[chosen.id] ?? '', folder);
    if (wrong.length > 0) return neither(`release ${chosen.id} has other ${wrong.join(', ')}`);
  }
  if (loader === 'systemd-boot') {
    await run('cp', [left.esp, parts.esp]);
    const { code, stdout } = await run('fsck.fat', ['-a', parts.esp], { okCodes: [0, 1, 2] });
    if (code > 1) return neither(`fsck.fat of the EFI system partition: ${stdout}`);
    const after = await CHOICES[loader](parts, folder);
    const mended = damageOf(after, made) ?? (after?.id === chosen.id ? undefined : `it boots ${after?.id}`);
    if (mended !== undefined) return neither(`after fsck.fat: ${mended}`);
  }
  return { boots: chosen.id === OLD ? OLD : NEW };
}

/** What is wrong with what a boot loader starts; undefined where nothing is. */
function damageOf(chosen: Chosen | undefined, made: Record<string, string>): string | undefined {
  if (chosen === undefined) return 'it starts nothing';
  const { id, vmlinuz, initramfs, options } = chosen;
  if (id !== OLD && id !== NEW) return `it starts ${id}`;
  const folder = made[id] ?? '';
  const sums = sumsOf(folder);
  if (vmlinuz === undefined || sumOf(vmlinuz) !== sums.get('vmlinuz'))
    return `the kernel of ${id} is another`;
  if (initramfs === undefined || sumOf(initramfs) !== sums.get('initramfs.img'))
    return `the initramfs of ${id} is another`;
  const words = readFileSync(join(folder, 'cmdline'), 'utf8').trim();
  return options.startsWith(`${words} dock0.release=${id}`) ? undefined : `the command line is ${options}`;
}

/** The files of a release that are not what they are to be, once the journal is replayed. */
async function wrongFiles(image: string, id: string, made: string, folder: string): Promise<string[]> {
  const sums = sumsOf(made);
  const paths = [...sums.keys()].filter((path) => /^(cmdline|manifest\.json|layers\/.*)$/.test(path));
  await dump(
    image,
    paths.map((path) => `/dock0/${id}/${path}`),
    folder,
  );
  const wrong = (path: string): boolean => {
    try {
      return sumOf(readFileSync(join(folder, 'dock0', id, path))) !== sums.get(path);
    } catch {
      return true;
    }
  };
  return paths.filter(wrong);
}

function sumsOf(folder: string): Map<string, string> {
  const lines = readFileSync(join(folder, 'SHA256SUMS'), 'utf8').trimEnd().split('\n');
  return new Map(lines.map((line) => [line.slice(66), line.slice(0, 64)]));
}
