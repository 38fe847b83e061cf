import { cpSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { pacmanConf } from '../lib/distributions/arch/conf';
import { archRepository } from '../test/fixtures/arch/make-repo';
import { startMirror } from '../test/fixtures/arch/mirror';
import { BASE } from '../test/fixtures/arch/recipes';
import { measure, median, PROJECT } from './measure';
import { benchmark, openReport } from './report';

/** What base brings and what runs containers, each named, as the package lists of dock0's users did. */
const PACKAGES = [...BASE, 'iptables', 'docker', 'openssh'];
const RUNS = 3;
const SIG_LEVEL = 'Required DatabaseOptional';

const NAMESPACES = ['unshare', '--mount', '--pid', '--fork', '--kill-child', '--mount-proc'];

// A constant script: the packages are its arguments.
const ONE_BY_ONE = 'set -e; for name; do pacstrap -C "$CONF" -c -G -M "$ROOT" "$name"; done';

/**
 * Measures `npx gulp pacstrap`, which installs all packages in one transaction, against dock0's way, a call of
 * pacstrap(8) for each package of the list, and against one call of it. All take the same signed packages out of a
 * download cache; the repository is the one that the tests make of Debian's packages, on loopback. Needs root and the
 * tools of the tests.
 */
async function bench(work: string): Promise<string> {
  const repository = await archRepository({ log: console.error });
  const mirror = await startMirror(dirname(repository.folder));
  try {
    const server = `${mirror.origin}/${basename(repository.folder)}/$repo/os/$arch`;
    const cache = join(work, 'cache');
    const config = join(work, 'bench.yaml');
    const pacman = { keys: [repository.key] };
    // YAML takes JSON.
    writeFileSync(
      config,
      JSON.stringify({
        name: 'bench',
        distribution: 'arch',
        init: 'none',
        mirror: [server],
        packages: PACKAGES,
        pacman,
      }),
    );
    const gulp = [
      'npx',
      'gulp',
      'pacstrap',
      '--config',
      config,
      '--cache',
      cache,
      '--output',
      join(work, 'build'),
    ];
    await measure(gulp, PROJECT);

    const ours = await median(RUNS, gulp, PROJECT, {}, () => {
      for (const name of ['store', 'history']) rmSync(join(cache, name), { recursive: true, force: true });
    });
    const conf = writeConf(server, cache, work);
    const root = join(work, 'root');
    const raw = (...words: string[]) =>
      median(RUNS, [...NAMESPACES, ...words], PROJECT, { CONF: conf, ROOT: root }, () => {
        rmSync(root, { recursive: true, force: true });
        mkdirSync(root);
      });
    const single = await raw('sh', '-c', ONE_BY_ONE, 'sh', ...PACKAGES);
    const all = await raw('pacstrap', '-C', conf, '-c', '-G', '-M', root, ...PACKAGES);
    const { row, text } = openReport();
    row("dock0's way, a pacstrap for each package", single.seconds, 'one pacstrap', all.seconds);
    row("dock0's way", single.seconds, 'npx gulp pacstrap, all of it', ours.seconds);
    return `${PACKAGES.length} packages on the list\n\n${text()}`;
  } finally {
    await mirror.close();
  }
}

/** A pacman.conf for the same mirror, with the keys and the packages that the build downloaded. */
function writeConf(server: string, cache: string, work: string): string {
  const keyrings = join(cache, 'pacman/keyrings');
  const [keyring = ''] = readdirSync(keyrings);
  const packages = join(work, 'packages');
  const downloads = join(cache, 'downloads/pacman');
  for (const name of readdirSync(downloads)) cpSync(join(downloads, name), packages, { recursive: true });
  const repositories = ['core', 'extra'].map((name) => ({
    name,
    servers: [server],
    sigLevel: SIG_LEVEL,
    archived: false,
  }));
  const conf = join(work, 'pacman.conf');
  const log = join(work, 'pacman.log');
  writeFileSync(
    conf,
    pacmanConf({ repositories, sigLevel: SIG_LEVEL, keyring: join(keyrings, keyring), packages, log }),
  );
  return conf;
}

void benchmark('bench-pacstrap', bench);
