import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { distributions } from '../../../lib/distributions';
import { busybox } from '../../fixtures/distributions/busybox';
import { type Built, build } from './build';
import type { Reader } from './keys';
import { type Mutation, mutate, randomFrom } from './mutations';
import { firstProject, type Project, writeProject } from './project';

/** What a run of mutations came to. */
export interface Outcome {
  seed: number;
  mutations: number;
  /** Builds after which the release differed from one that was built from an empty cache. */
  wrong: string[];
  /** Steps that ran although they read nothing of what changed. */
  needless: string[];
  /** Mutations with which neither build succeeds: they are taken back. */
  refused: number;
  /** Steps that ran in all warm builds. */
  ran: number;
}

const SAID_EVERY = 250;

const ROOT = ['customize', 'host', 'squash:custom', 'squash:host', 'squash:single', 'install'];
/** What runs again when a step does. */
const FOLLOWING: Record<Exclude<Reader, 'all'>, readonly string[]> = {
  rootfs: ['rootfs', 'pacstrap', 'squash:packages', ...ROOT],
  pacstrap: ['pacstrap', 'squash:packages', ...ROOT],
  customize: ROOT,
  host: ['host', 'squash:host', 'squash:single', 'install'],
  kernel: ['kernel', 'initramfs', 'squash:modules', 'squash:single', 'install'],
  initramfs: ['initramfs', 'install'],
  squash: ['squash:packages', 'squash:modules', 'squash:custom', 'squash:host', 'squash:single', 'install'],
  install: ['install'],
};

/**
 * Mutates a project, builds it with the cache of the builds before, and from an empty one, and compares the two.
 *
 * @param folder an empty folder that gulp's loader works in
 */
export async function checkCache(folder: string, count: number, seed: number): Promise<Outcome> {
  const random = randomFrom(seed);
  const outcome: Outcome = { seed, mutations: 0, wrong: [], needless: [], refused: 0, ran: 0 };
  const before = process.cwd();
  mkdirSync(folder, { recursive: true });
  process.chdir(folder);
  distributions.busybox = async () => busybox;
  const worker = fork(join(__dirname, 'cold-worker.ts'), [folder], {
    execArgv: ['-r', 'sucrase/register/ts'],
  });
  const ended = once(worker, 'exit').then(() => {
    throw new Error('the process that builds from an empty cache has ended');
  });
  // It ends at the end, too.
  ended.catch(() => undefined);
  const buildCold = async (project: Project): Promise<Built> => {
    worker.send(project);
    const [built] = (await Promise.race([once(worker, 'message'), ended])) as [Built];
    return built;
  };
  try {
    let project = firstProject();
    writeProject(folder, project);
    await build(folder, project, 'warm');
    while (outcome.mutations < count) {
      const next = structuredClone(project);
      const mutation = mutate(next, random);
      writeProject(folder, next, project);
      if (await compare(folder, next, mutation, outcome, buildCold)) project = next;
      else {
        writeProject(folder, project, next);
        await build(folder, project, 'warm');
      }
      outcome.mutations++;
      if (outcome.mutations % SAID_EVERY === 0 && outcome.mutations < count)
        console.log(`      ${said(outcome)}`);
    }
    return outcome;
  } finally {
    if (worker.connected) worker.disconnect();
    delete distributions.busybox;
    process.chdir(before);
  }
}

async function compare(
  folder: string,
  project: Project,
  mutation: Mutation,
  outcome: Outcome,
  buildCold: (project: Project) => Promise<Built>,
): Promise<boolean> {
  const label = `${outcome.mutations}: ${mutation.what}`;
  const [warm, cold] = await Promise.all([build(folder, project, 'warm'), buildCold(project)]);
  if (warm.error !== undefined || cold.error !== undefined) {
    if (warm.error !== cold.error) outcome.wrong.push(`${label}: warm ${warm.error}, cold ${cold.error}`);
    outcome.refused++;
    return false;
  }
  if (warm.sums !== cold.sums) outcome.wrong.push(`${label}\n${warm.sums}\n${cold.sums}`);
  const allowed = allowedSteps(project, mutation);
  const needless = warm.ran.filter((step) => !allowed.has(step));
  if (needless.length > 0) outcome.needless.push(`${label}: ${needless.join(', ')}`);
  outcome.ran += warm.ran.length;
  return true;
}

/** The steps that read what changed, and those after them. */
function allowedSteps({ config }: Project, { readers }: Mutation): Set<string> {
  const seesAll = config.templates.length + config.scripts.length + config.commands.host.length > 0;
  const hooked = Object.keys(config.hooks).map((name) => name.replace(/^(pre|post)-/, '') as Reader);
  const steps = readers.flatMap((reader): Reader[] =>
    reader === 'all' ? [...(seesAll ? (['customize', 'host'] as const) : []), ...hooked] : [reader],
  );
  return new Set(steps.flatMap((step) => FOLLOWING[step as Exclude<Reader, 'all'>] ?? []));
}

/** Fails with all that was wrong, and the seed that shows it again. */
export function expectRight(outcome: Outcome): void {
  const { wrong, needless } = outcome;
  console.log(`      ${said(outcome)}`);
  const shown = [...wrong.slice(0, 5), ...needless.slice(0, 5)].join('\n');
  expect(wrong.length + needless.length, `seed ${outcome.seed}\n${shown}`).to.equal(0);
  expect(outcome.refused).to.be.below(outcome.mutations / 4);
}

function said({ wrong, needless, ...counts }: Outcome): string {
  return JSON.stringify({ ...counts, wrong: wrong.length, needless: needless.length });
}
