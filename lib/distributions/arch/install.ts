import { existsSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { Dock0Error } from '../../error';
import { confined, mountApiFilesystems } from '../../system/chroot';
import { linkOrCopy } from '../../system/link-or-copy';
import { withPlainPaths } from '../../system/plain-paths';
import { CommandError, type LineSink } from '../../system/process';
import type { Sandbox } from '../../system/sandbox';
import type { ResolvedPackage } from '../package';
import { pacmanConf } from './conf';
import { type PackageFile, writeDatabase } from './description';
import { causeOf, explained, failedScript } from './problems';
import { LOCAL, LOCAL_REPOSITORY, type Repository } from './repositories';
import { copyKeyring, dropBadSignatures, unknownSigner } from './signatures';
import type { PacmanState } from './state';
import { forgetInstallation } from './tidy';

export interface Installation {
  state: PacmanState;
  files: ReadonlyMap<ResolvedPackage, PackageFile>;
  /** Requested names and groups; everything else is installed as a dependency. */
  requested: readonly string[];
  keyring: string;
  noExtract: readonly string[];
  sigLevel: string;
  root: string;
  sandbox: Sandbox;
  /** An empty folder on the file system of the downloads. */
  tmp: string;
  /** The image's "now", in seconds since the epoch. */
  epoch: number;
  progress: (done: number, total: number, what?: string) => void;
}

type Unpacking = Omit<Installation, 'requested' | 'epoch' | 'progress'>;

/** Paths in the sandbox of the root and of `tmp`, fit for a pacman.conf. */
type Plain = Record<'root' | 'tmp', string>;

/** The whole environment of a scriptlet; SYSTEMD_OFFLINE keeps systemctl from looking for a running systemd. */
const ENVIRONMENT = {
  PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
  HOME: '/root',
  LC_ALL: 'C.UTF-8',
  SYSTEMD_OFFLINE: '1',
};

// The folders that pacman expects in a new root, with the modes of pacstrap(8).
const FOLDERS = `
cd "$1"
mkdir -m 0755 -p var/cache/pacman/pkg var/lib/pacman var/log dev run etc/pacman.d
mkdir -m 1777 -p tmp
mkdir -m 0555 -p sys proc
`;

/** pacman asks whether to import an unknown key and, unanswered, does not name the package. */
const NO_KEY = /^error: required key missing from keyring/;

// One stream keeps the order of the output of pacman and the scriptlets.
const TOGETHER = 'exec "$@" 2>&1';

/**
 * Installs packages into an empty root with pacman(8), in one transaction, from a repository that holds just these
 * packages. pacman checks every signature again, and runs the packages' scriptlets and hooks in the root, confined.
 *
 * @throws Dock0Error with pacman's reason in a line; a failed scriptlet or hook is one
 */
export async function installPackages(job: Installation): Promise<void> {
  const { root, sandbox, tmp, epoch } = job;
  await withPlainPaths(sandbox, { root, tmp }, (plain) => installInto(plain, job));
  await forgetInstallation(sandbox, root, epoch);
}

async function installInto(plain: Plain, job: Installation): Promise<void> {
  const { sandbox } = job;
  const { conf, keyring } = await prepare(plain, job);
  const environment = { ...ENVIRONMENT, SOURCE_DATE_EPOCH: String(job.epoch) };
  const packages = [...job.files.keys()];
  const targets = packages.map(({ repository, name }) => `${repository}/${name}`);
  const output: string[] = [];
  let installed = 0;
  const onLine: LineSink = (line) => {
    output.push(line);
    const name = /^installing (\S+)\.\.\.$/.exec(line)?.[1];
    if (name !== undefined) job.progress(++installed, packages.length, `installing ${name}`);
  };
  await sandbox.run('sh', ['-e', '-c', FOLDERS, 'sh', plain.root]);
  await mountApiFilesystems(sandbox, plain.root);
  const flags = ['--config', conf, '--root', plain.root, '--noconfirm'];
  const command = confined(['pacman', '--sync', '--refresh', ...flags, ...targets]);
  const assigned = Object.entries(environment).map(([name, value]) => `${name}=${value}`);
  try {
    await sandbox.run('sh', ['-c', TOGETHER, 'sh', 'env', '-i', ...assigned, ...command], {
      onLine,
      keep: 1,
      foreign: true,
    });
  } catch (error) {
    if (error instanceof CommandError) {
      await dropBadSignatures(job, output);
      if (output.some((line) => NO_KEY.test(line))) throw await unknownSigner({ ...job, keyring }, error);
    }
    throw error instanceof CommandError
      ? (foreseen(output, error) ?? explained(error, 'the packages cannot be installed'))
      : error;
  }
  const failed = failedScript(output.join('\n'));
  if (failed !== undefined) throw new Dock0Error(failed, { hint: "The step's log has the whole output." });
  const asked = requestedOf(job);
  const dependencies = packages.map(({ name }) => name).filter((name) => !asked.has(name));
  if (dependencies.length > 0)
    await sandbox.run('pacman', ['--database', '--quiet', '--asdeps', ...flags, ...dependencies]);
}

/**
 * Unpacks packages into a folder, as pacman does it (signatures checked, `noExtract` left out), but runs none of their
 * scriptlets and hooks and ignores their dependencies.
 *
 * @throws Dock0Error with pacman's reason in a line
 */
export async function unpackPackages(job: Unpacking): Promise<void> {
  const { sandbox, root, tmp } = job;
  await mkdir(join(tmp, 'no-hooks'), { recursive: true });
  await mkdir(join(root, 'var/lib/pacman'), { recursive: true });
  await withPlainPaths(sandbox, { root, tmp }, (plain) => unpackInto(plain, job));
  await rm(join(root, 'var'), { recursive: true });
}

async function unpackInto(plain: Plain, job: Unpacking): Promise<void> {
  const { sandbox } = job;
  const { conf, keyring } = await prepare(plain, job);
  const targets = [...job.files.keys()].map(({ repository, name }) => `${repository}/${name}`);
  const flags = [
    '--config',
    conf,
    '--root',
    plain.root,
    '--noconfirm',
    '--nodeps',
    '--nodeps',
    '--noscriptlet',
    '--hookdir',
    `${plain.tmp}/no-hooks`,
  ];
  try {
    await sandbox.run('pacman', ['--sync', '--refresh', ...flags, ...targets], {
      env: { LC_ALL: 'C.UTF-8' },
    });
  } catch (error) {
    if (error instanceof CommandError) {
      await dropBadSignatures(job, [error.output]);
      if (error.output.split('\n').some((line) => NO_KEY.test(line)))
        throw await unknownSigner({ ...job, keyring }, error);
    }
    throw explained(error, 'the packages cannot be unpacked');
  }
}

/** Writes the repositories to install from; returns the pacman.conf that names them, and its keyring. */
async function prepare(plain: Plain, job: Unpacking): Promise<{ conf: string; keyring: string }> {
  const packages = join(job.tmp, 'packages');
  await mkdir(packages, { recursive: true });
  for (const { path } of job.files.values()) {
    linkOrCopy(path, join(packages, basename(path)));
    if (existsSync(`${path}.sig`)) linkOrCopy(`${path}.sig`, join(packages, `${basename(path)}.sig`));
  }
  // Without a keyring no repository's signatures are checked, nor those of the user's own files.
  const checked = existsSync(job.keyring);
  const repositories: Repository[] = [];
  for (const repository of [LOCAL_REPOSITORY, ...job.state.repositories]) {
    const own = [...job.files]
      .filter(([{ repository: name }]) => name === repository.name)
      .map(([, file]) => file);
    if (own.length === 0) continue;
    const folder = join(job.tmp, 'repositories', repository.name);
    await mkdir(folder, { recursive: true });
    // pacman fetches a file in CacheDir that has no signature again, looking for one.
    for (const { path } of own) linkOrCopy(path, join(folder, basename(path)));
    await writeDatabase(
      join(folder, `${repository.name}.db`),
      own,
      join(job.tmp, 'content', repository.name),
      job.sandbox.run,
    );
    repositories.push({
      ...repository,
      servers: [`file://${plain.tmp}/repositories/${repository.name}`],
      sigLevel: checked ? `${repository.sigLevel} DatabaseNever` : 'Never',
    });
  }
  const { noExtract, sigLevel } = job;
  await copyKeyring(job.keyring, join(job.tmp, 'keyring'), job.sandbox);
  const keyring = `${plain.tmp}/keyring`;
  const [cache, log] = [`${plain.tmp}/packages`, `${plain.tmp}/pacman.log`];
  const text = pacmanConf({ repositories, sigLevel, keyring, packages: cache, log, noExtract });
  await writeFile(join(job.tmp, 'pacman.conf'), text);
  return { conf: `${plain.tmp}/pacman.conf`, keyring };
}

/** Requested packages: by name, by group or, when no package has the name, by what they provide. */
function requestedOf({ requested, files }: Installation): Set<string> {
  const said = (key: string, file: PackageFile): string[] =>
    (file.info.get(key) ?? []).map((each) => each.replace(/[<>=].*/, ''));
  const found = [...files.keys()].filter(({ repository }) => repository === LOCAL).map(({ name }) => name);
  for (const each of requested) {
    const wanted = each.slice(each.indexOf('/') + 1).replace(/[<>=].*/, '');
    const named = [...files.keys()].filter(({ name }) => name === wanted).map(({ name }) => name);
    const having = (key: string): string[] =>
      [...files].filter(([, file]) => said(key, file).includes(wanted)).map(([{ name }]) => name);
    found.push(...([named, having('group'), having('provides')].find((names) => names.length > 0) ?? []));
  }
  return new Set(found);
}

function foreseen(output: readonly string[], cause: CommandError): Dock0Error | undefined {
  const known = causeOf(output.join('\n'));
  return known === undefined ? undefined : new Dock0Error(known.message, { hint: known.hint, cause });
}
