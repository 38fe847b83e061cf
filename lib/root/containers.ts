import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import type { Config } from '../config/schema';
import { parseSize } from '../config/size';
import { link, type Placed, textFile } from './tree';

type Container = Omit<Config['containers'][string], 'env_file'>;

/** What a machine runs in Docker from the boot on. */
export interface Runs {
  containers: Readonly<Record<string, Container>>;
  /** Whether there is a file of Docker Compose. */
  compose: boolean;
  /** Whether the release brings images along. */
  images: boolean;
}

/** Where the machine's programs find what they work on. */
const FOLDER = 'usr/lib/dock0';

/** The programs of hooks/machine that something is run by. */
export function programsFor({ containers, compose, images }: Runs): string[] {
  return [
    ...(Object.keys(containers).length > 0 ? ['container'] : []),
    ...(compose ? ['compose'] : []),
    ...(images ? ['load-images'] : []),
  ];
}

/**
 * Units, programs and definitions of what the machine runs in Docker. Names of the containers' units begin with
 * `dock0-container-`, so that a drop-in for all of them is a folder `dock0-container-.service.d` (systemd.unit(5)).
 *
 * @param files the files of `programsFor` by name, those of each container's env_file, and that of Compose
 */
export function containerFiles(
  runs: Runs,
  files: {
    programs: readonly string[];
    environment: Readonly<Record<string, readonly string[]>>;
    compose: string | undefined;
  },
): Placed[] {
  const programs = files.programs.map(
    (source): Placed => ({ path: `${FOLDER}/${basename(source)}`, source, kind: 'file', mode: 0o755 }),
  );
  const names = Object.keys(runs.containers).sort();
  return [
    ...programs,
    ...(names.length > 0 ? [folder(`${FOLDER}/containers`, 0o700)] : []),
    ...names.flatMap((name) =>
      ofContainer(name, runs.containers[name] as Container, runs, files.environment[name] ?? []),
    ),
    ...(runs.images ? unit(IMAGES, IMAGES_UNIT) : []),
    ...(files.compose === undefined
      ? []
      : [
          textFile(`${FOLDER}/compose.yaml`, readFileSync(files.compose, 'utf8'), 0o600),
          ...unit('dock0-compose.service', composeUnit(runs.images)),
        ]),
  ];
}

function ofContainer(name: string, container: Container, runs: Runs, files: readonly string[]): Placed[] {
  const at = `${FOLDER}/containers/${name}`;
  const { environment, networks, secrets, user } = container;
  const variables = Object.entries(environment).map(([key, value]) => `${key}=${value}`);
  const texts = [...files.map((file) => readFileSync(file, 'utf8')), lines(variables)];
  const words = argumentsOf(name, container, texts.length);
  const definition = createHash('sha256')
    .update(JSON.stringify([words, texts, networks]))
    .digest('hex');
  const write = (file: string, text: string): Placed => textFile(`${at}/${file}`, text, 0o600);
  return [
    folder(at, 0o700),
    write('arguments', lines(['--label', `dock0.definition=${definition}`, ...words].map(escaped))),
    write('definition', `${definition}\n`),
    write('image', `${container.image}\n`),
    write('networks', lines(networks)),
    write('depends_on', lines(container.depends_on)),
    ...texts.map((text, index) => write(`environment-${index}`, text)),
    ...(Object.keys(secrets).length > 0
      ? [folder(`${at}/secrets`, 0o700), write('owner', `${ownerOf(user)}\n`)]
      : []),
    ...Object.entries(secrets).map(([secret, text]) => write(`secrets/${secret}`, text)),
    ...unit(unitOf(name), containerUnit(name, container, runs.images)),
  ];
}

/** The words behind `docker create`, the name and what else is not known at build time left out. */
function argumentsOf(name: string, container: Container, environments: number): string[] {
  const { image, ports, volumes, secrets, networks, command, user, memory } = container;
  const each = (flag: string, values: readonly string[]): string[] =>
    values.flatMap((value) => [flag, value]);
  const at = `/${FOLDER}/containers/${name}`;
  const mounts = Object.keys(secrets).map(
    (secret) =>
      `type=bind,source=/run/dock0/secrets/${name}/${secret},target=/run/secrets/${secret},readonly`,
  );
  return [
    // systemd starts it again, so that what it needs is there first.
    ...each('--restart', ['no']),
    ...each('--publish', ports),
    ...each('--volume', volumes),
    ...each('--mount', mounts),
    ...each(
      '--env-file',
      Array.from({ length: environments }, (_, index) => `${at}/environment-${index}`),
    ),
    ...each('--network', networks.slice(0, 1)),
    ...(user === undefined ? [] : ['--user', user]),
    ...(memory === undefined ? [] : ['--memory', String(parseSize(memory))]),
    ...(container.read_only ? ['--read-only'] : []),
    image,
    ...command,
  ];
}

/** Of files for a user: numbers mean the same inside the container; what a name means, only its image knows. */
function ownerOf(user: string | undefined): string {
  const [, uid, gid = uid] = /^(\d+)(?::(\d+))?$/.exec(user ?? '') ?? [];
  return uid === undefined ? '0:0' : `${uid}:${gid}`;
}

/** A word as a line that `printf %b` of sh reads. */
function escaped(word: string): string {
  return word.replaceAll('\\', '\\\\').replaceAll('\n', '\\n');
}

function lines(words: readonly string[]): string {
  return words.map((word) => `${word}\n`).join('');
}

function folder(path: string, mode: number): Placed {
  return { path, source: path, kind: 'folder', mode };
}

/** A unit that the boot starts. */
function unit(name: string, text: string): Placed[] {
  return [
    textFile(`etc/systemd/system/${name}`, text),
    link(`etc/systemd/system/multi-user.target.wants/${name}`, `../${name}`),
  ];
}

function unitOf(container: string): string {
  return `dock0-container-${container}.service`;
}

function containerUnit(name: string, { depends_on, restart }: Container, images: boolean): string {
  const others = [...(images ? [IMAGES] : []), ...depends_on.map(unitOf)].join(' ');
  // A start that fails is tried again as long as it takes.
  return `[Unit]
Description=Container ${name}
Requires=docker.service
${others === '' ? '' : `Wants=${others}\n`}After=docker.service${others === '' ? '' : ` ${others}`}
StartLimitIntervalSec=0

[Service]
Type=exec
ExecStart=/${FOLDER}/container ${name}
Restart=${restart}
RestartSec=5
KillMode=mixed

[Install]
WantedBy=multi-user.target
`;
}

const IMAGES = 'dock0-images.service';
const IMAGES_UNIT = `[Unit]
Description=Give Docker the images of the release
Requires=docker.service
After=docker.service

[Service]
Type=oneshot
ExecStart=/${FOLDER}/load-images
RemainAfterExit=yes

[Install]
WantedBy=multi-user.target
`;

function composeUnit(images: boolean): string {
  return `[Unit]
Description=Services of Docker Compose
Requires=docker.service
After=docker.service${images ? ` ${IMAGES}` : ''}

[Service]
Type=oneshot
ExecStart=/${FOLDER}/compose up
ExecStop=/${FOLDER}/compose stop
RemainAfterExit=yes

[Install]
WantedBy=multi-user.target
`;
}
