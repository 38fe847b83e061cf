import { chmodSync, mkdirSync, renameSync, symlinkSync, unlinkSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import type { BuildContext, BuildRun, InputsOf } from '../../build';
import { statedEpoch } from '../../config/epoch';
import { fullName, type ImageName, imageName } from '../../config/image-reference';
import type { FileInput, Meta, Tool } from '../../engine/step';
import { Dock0Error } from '../../error';
import { copyFile } from '../../system/copy-file';
import { imagesIn, namesInLayout, sourceAt } from './archive';
import { askDigest, pullImage } from './registry';

/** Where the machine's program finds the archives, and their list. */
const FOLDER = 'layer/usr/lib/dock0/images';

/** skopeo pulls images, and turns folders in OCI's layout into archives. */
export function imageTools({ config: { images } }: Pick<BuildContext, 'config'>): Tool[] {
  const needed = images.some((stated) => !stated.startsWith('/') || sourceAt(stated) === 'layout');
  return needed ? [{ name: 'skopeo', versioned: true }] : [];
}

/**
 * What the layer of images depends on: digests of those that are pulled, and the files of the others.
 *
 * @param digestOf the digest of an image whose reference has none
 * @param moves how a locked digest is changed, for the hint of a message
 */
export async function imageInputs(
  context: BuildContext,
  digestOf: (name: ImageName) => Promise<string>,
  moves: string,
) {
  const { images } = context.config;
  const files: FileInput[] = [];
  const wanted: ({ pulled: string; digest: string } | { file: number })[] = [];
  for (const stated of images) {
    if (stated.startsWith('/')) {
      wanted.push({ file: files.length });
      files.push({ name: relative(process.cwd(), stated), path: stated, follow: true });
    } else {
      const name = imageName(stated);
      wanted.push({
        pulled: fullName({ ...name, digest: undefined }),
        digest: name.digest ?? (await digestOf(name)),
      });
    }
  }
  return { values: { images: wanted, epoch: statedEpoch(context) ?? 0 }, files, means: { moves } };
}

/**
 * Makes the layer of images, `layer/`: an archive of `docker save` each, and a list of what they hold, a line of id, file
 * and name for each name.
 *
 * @returns the facts {epoch}
 * @throws Dock0Error when an image cannot be pulled, or two have the same name
 */
export async function buildImages(context: BuildRun<string, InputsOf<typeof imageInputs>>): Promise<Meta> {
  const { values, files, out, log } = context;
  const folder = join(out, FOLDER);
  mkdirSync(folder, { recursive: true });
  const list: { id: string; file: string; name: string }[] = [];
  let count = 0;
  const add = async (make: (archive: string) => Promise<void>): Promise<void> => {
    const file = `${String(count++).padStart(2, '0')}.tar`;
    const archive = join(folder, file);
    await make(archive);
    chmodSync(archive, 0o644);
    for (const { id, names } of imagesIn(archive)) for (const name of names) list.push({ id, file, name });
  };
  for (const image of values.images) {
    if ('pulled' in image) {
      log(`pulling ${image.pulled}`);
      await add((archive) => pull(image, archive, context));
      continue;
    }
    const { path } = files[image.file] as FileInput;
    if (sourceAt(path) === 'archive') await add(async (archive) => copyFile(path, archive));
    else
      for (const laidOut of namesInLayout(path))
        await add((archive) => convert(path, laidOut, archive, context));
  }
  refuseTwins(list.map(({ name }) => fullName(imageName(name))));
  const lines = list.map(({ id, file, name }) => `${id}\t${file}\t${name}\n`);
  writeFileSync(join(folder, 'list'), lines.join(''));
  return { epoch: values.epoch };
}

type Run = BuildRun<string, InputsOf<typeof imageInputs>>;

async function pull(
  { pulled, digest }: { pulled: string; digest: string },
  archive: string,
  { run, means }: Run,
): Promise<void> {
  const name = imageName(pulled);
  try {
    await pullImage(name, digest, archive, run);
  } catch (error) {
    if (!(error instanceof Dock0Error)) throw error;
    const now = await askDigest(name, run).catch(() => digest);
    if (now === digest) throw error;
    throw new Dock0Error(
      `images: ${pulled} is to be ${digest}, which its registry does not have; it has ${now}`,
      {
        hint: means.moves,
        cause: error,
      },
    );
  }
}

async function convert(
  folder: string,
  { name, reference }: ReturnType<typeof namesInLayout>[number],
  archive: string,
  { run, tmp }: Run,
): Promise<void> {
  const { registry, repository, tag = 'latest' } = imageName(name);
  // By names without a colon, which to skopeo is where the name of the image begins; and it writes no archive where one is.
  symlinkSync(folder, join(tmp, 'layout'));
  const from = `oci:layout${reference === undefined ? '' : `:${reference}`}`;
  const full = fullName({ registry, repository, tag, digest: undefined });
  await run('skopeo', ['copy', '--quiet', from, `docker-archive:image.tar:${full}`], { cwd: tmp });
  unlinkSync(join(tmp, 'layout'));
  renameSync(join(tmp, 'image.tar'), archive);
}

function refuseTwins(names: readonly string[]): void {
  const twin = names.find((name, at) => names.indexOf(name) < at);
  if (twin !== undefined)
    throw new Dock0Error(`images: two of them are named ${twin}`, { hint: 'Give one of them another tag.' });
}
