import { lstatSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { hostRelease } from '../lib/distributions/debian/release';
import { treeBytes } from '../lib/engine/collect';
import type { Manifest } from '../lib/release/manifest';
import { byteSize } from '../lib/report/format';
import { measure, median, PROJECT } from './measure';
import { benchmark, openReport } from './report';

/**
 * Measures the project against raw tools on this machine, in one run, and prints ratios. Needs root and the tools of
 * `gulp setup`; takes some minutes.
 */
async function bench(work: string): Promise<string> {
  const cache = join(work, 'cache');
  const { row, line, text } = openReport();
  const gulp = (...args: string[]): string[] => ['npx', 'gulp', ...args];
  prepare(work);
  const env = { DOCK0_CACHE: cache };
  // Downloads everything, so that neither side measures the network.
  await measure(gulp('build'), work, env);

  const archives = join(cache, 'downloads/debian');
  const release = join(work, 'build/dock0/current');
  const { packages }: Manifest = JSON.parse(readFileSync(join(release, 'manifest.json'), 'utf8'));
  const names = packages.map(({ name }) => name);
  const peer = await median(2, mmdebstrap(names, archives, work), work, {}, () => {
    rmSync(join(work, 'peer'), { recursive: true, force: true });
  });
  const squashed = join(work, 'peer.squashfs');
  const packing = await measure(
    [
      'mksquashfs',
      join(work, 'peer'),
      squashed,
      '-comp',
      'zstd',
      '-Xcompression-level',
      '3',
      '-noappend',
      '-quiet',
      '-no-progress',
    ],
    work,
  );
  const cold = await median(2, gulp('build'), work, env, () => {
    for (const name of ['store', 'history', 'releases', 'hashes.json'])
      rmSync(join(cache, name), { recursive: true, force: true });
    rmSync(join(work, 'build'), { recursive: true, force: true });
  });
  row('cold gulp build', cold.seconds, 'mmdebstrap of the same packages', peer.seconds, '<= 1.25', '<= 0.9');
  row('cold gulp build', cold.seconds, 'mmdebstrap + mksquashfs', peer.seconds + packing.seconds);

  const empty = await median(7, gulp('build'), join(work, 'empty'));
  const unchanged = await median(7, gulp('build'), work, env);
  row('nothing changed', unchanged.seconds, 'an empty gulpfile', empty.seconds, '<= 2', '<= 1.4');
  let count = 0;
  const changed = await median(5, gulp('build'), work, env, () =>
    writeFileSync(join(work, 'overlay/etc/motd'), `${count++}\n`),
  );
  row('one overlay file changed', changed.seconds, 'an empty gulpfile', empty.seconds, '<= 4', '<= 2');

  const directory = ['--set', 'install.target=directory'];
  await measure(gulp('build', ...directory, '--host', 'one'), work, env);
  const before = treeBytes(work);
  const alone = await measure(gulp('build', ...directory, '--host', 'one', '--force', 'host'), work, env);
  const two = await measure(
    gulp('build', ...directory, '--host', 'one', '--host', 'two', '--force', 'host'),
    work,
    env,
  );
  const more = treeBytes(work) - before;
  line(
    'one more host',
    `${(two.seconds - alone.seconds).toFixed(2)} s, ${byteSize(more)}`,
    'the run without it',
    '<= 1 s, <= 1 MiB',
    '0.3 s',
  );

  const initramfs = lstatSync(join(release, 'initramfs.img')).size;
  const took = stepSeconds(cache, 'initramfs');
  line('initramfs, with modules', `${took.toFixed(2)} s, ${byteSize(initramfs)}`, '', '<= 0.5 s');
  const memory = Math.max(cold.megabytes, changed.megabytes);
  line('memory of the gulp process', `${Math.round(memory)} MB`, '', '<= 200 MB');
  return text();
}

function prepare(work: string): void {
  mkdirSync(join(work, 'overlay/etc'), { recursive: true });
  mkdirSync(join(work, 'configs/hosts'), { recursive: true });
  mkdirSync(join(work, 'empty'));
  writeFileSync(join(work, 'overlay/etc/motd'), 'hello\n');
  writeFileSync(join(work, 'dock0.yaml'), 'include: default\noverlay: ./overlay\n');
  for (const host of ['one', 'two'])
    writeFileSync(join(work, `configs/hosts/${host}.yaml`), `hostname: ${host}.example\n`);
  writeFileSync(
    join(work, 'gulpfile.ts'),
    readFileSync(join(PROJECT, 'gulpfile.ts'), 'utf8').replace(/'\.\/(lib|tasks)/g, `'${PROJECT}/$1`),
  );
  writeFileSync(
    join(work, 'empty/gulpfile.ts'),
    "import gulp from 'gulp';\nexport const build = gulp.series((done) => done());\n",
  );
  for (const folder of [work, join(work, 'empty')])
    symlinkSync(join(PROJECT, 'node_modules'), join(folder, 'node_modules'));
}

/** mmdebstrap as one would call it by hand, with the packages already in apt's cache. */
function mmdebstrap(packages: string[], archives: string, work: string): string[] {
  return [
    'mmdebstrap',
    '--variant=essential',
    '--aptopt=APT::Install-Recommends "false"',
    `--setup-hook=mkdir -p "$1"/var/cache/apt/archives && cp ${archives}/*.deb "$1"/var/cache/apt/archives/`,
    '--skip=download/empty',
    `--include=${packages.join(',')}`,
    hostRelease() ?? '',
    join(work, 'peer'),
  ];
}

function stepSeconds(cache: string, step: string): number {
  const folder = join(cache, 'store', step);
  const [entry] = readdirSync(folder);
  return JSON.parse(readFileSync(join(folder, entry as string, 'artifact.json'), 'utf8')).took / 1000;
}

void benchmark('bench', bench);
