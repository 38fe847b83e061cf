import { join, resolve } from 'node:path';
import gulp from 'gulp';
import type { BuildContext, BuildStep, Configured } from '../build';
import type { LoadedConfig } from '../config/load';
import { createEngine } from '../engine/engine';
import { codeOf, Dock0Error, maskedError } from '../error';
import { consoleReport } from '../report/console';
import { diskFullError } from '../system/disk-full';
import { secretKey } from '../system/secret-key';
import { withHooks } from './build-hooks';
import { checkFlags } from './flags';
import { checkFolder } from './folders';
import { checkOptions } from './options';
import { endOnSignals, isEnding } from './signals';
import { checkSteps } from './steps';
import { type Gulp, successionOf } from './succession';
import type { Dock0Options, Session, TaskSet } from './task';
import { createTurns } from './turns';

/** Opens the session at the first task that needs it, and runs tasks in it. */
export interface SessionRunner {
  /**
   * Runs a task's work; afterwards nothing of it is left running, whatever happened.
   *
   * @param task its name
   * @param options `alone`: when no other task of this process runs
   */
  perform: (
    task: string,
    work: (session: Session) => Promise<void>,
    options?: { alone?: boolean | undefined },
  ) => Promise<void>;
  /** Makes the steps for every host, or with --dry-run says what would be made. */
  make: (session: Session, steps: (context: BuildContext) => readonly BuildStep[]) => Promise<void>;
}

/**
 * Makes the runner of a set of tasks. Reads no file before a task runs.
 *
 * @param tasks the set: build hooks may name its steps, `gulp setup` installs what it calls
 */
export function createSessionRunner(options: Dock0Options, tasks: TaskSet): SessionRunner {
  let opened: Promise<Session> | undefined;
  let quiet: (() => void) | undefined;
  const all = { ...tasks.steps, ...tasks.commands };
  const succession = successionOf(gulp as unknown as Gulp, (task) => Object.hasOwn(all, task));

  const open = (): Promise<Session> => {
    opened ??= openSession(options, tasks);
    opened.catch(() => {
      // The next run reads the configuration again.
      opened = undefined;
    });
    return opened;
  };
  const current = async (): Promise<Session | undefined> => opened?.catch(() => undefined);
  const turns = createTurns(
    async () => {
      const session = await current();
      if (session === undefined) return;
      try {
        await session.engine.pause();
      } catch (error) {
        throw presentable(error, session.flags.verbose, session.mask);
      }
    },
    async () => {
      succession.rested();
      const session = await current();
      // What a pause could not write, its task has said.
      if (session !== undefined) await session.engine.settled().catch(() => undefined);
      quiet?.();
      quiet = undefined;
    },
  );

  const perform: SessionRunner['perform'] = (task, work, { alone } = {}) => {
    const follows = succession.follows(task);
    return turns(async () => {
      let session: Session | undefined;
      try {
        session = await open();
        if (follows) session.engine.follow();
        quiet ??= endOnSignals(session.engine);
        await work(session);
      } catch (error) {
        const verbose = session?.flags.verbose ?? process.argv.includes('--verbose');
        session?.engine.abort(error as Error);
        await session?.engine.idle();
        // The signal's listener ends the process; nobody is told of errors that the end causes.
        if (isEnding()) return new Promise(() => undefined);
        const full = diskFullError(error, {
          cache: session?.cache ?? 'of this build',
          output: session?.outputRoot ?? 'of this build',
        });
        throw full ?? presentable(error, verbose, session?.mask);
      }
    }, alone).finally(() => succession.ended(task));
  };

  return {
    perform,
    make: async ({ builds, flags }, steps) => {
      const wanted = builds.map((build) => ({ build, steps: steps(build.context) }));
      if (flags.dryRun || flags.explain) for (const { build, steps: all } of wanted) await build.preview(all);
      if (flags.dryRun) return;
      await Promise.all(wanted.flatMap(({ build, steps: all }) => all.map((step) => build.ensure(step))));
    },
  };
}

async function openSession(stated: Dock0Options, tasks: TaskSet): Promise<Session> {
  const options = checkOptions(stated);
  const { parseFlags } = await import('../config/flags');
  const { loadConfig } = await import('./configuration');
  const { maskOf } = await import('../config/shown');
  const argv = gulpArguments();
  const flags = parseFlags(options.argv ?? argv, process.env, options);
  // Words that a gulpfile states are the same for all of its tasks.
  if (options.argv === undefined) await checkFlags(argv, tasks);
  const outputRoot = resolve(flags.output);
  const cache = resolve(flags.cache);
  checkFolder('--cache', cache);
  checkFolder('--output', outputRoot);
  const loaded = await loadConfig({
    files: flags.config.length > 0 ? flags.config : options.config,
    hosts: flags.host.length > 0 ? flags.host : options.hosts,
    set: [...options.set, ...flags.set],
    steps: Object.keys(tasks.steps),
    own: [cache, outputRoot],
  });
  const mask = maskOf(loaded.outside);
  try {
    return await sessionOf(loaded, { flags, tasks, mask, cache, outputRoot });
  } catch (error) {
    throw maskedError(error, mask);
  }
}

async function sessionOf(
  loaded: LoadedConfig,
  { flags, tasks, mask, cache, outputRoot }: Omit<Session, 'engine' | 'base' | 'builds' | 'log'>,
): Promise<Session> {
  const { passwordsOf, shownConfig, unstated, viewOf } = await import('../config/shown');
  const cwd = process.cwd();
  const several = loaded.hosts.length > 1;
  const emit = consoleReport({ verbose: flags.verbose, hosts: several, explain: flags.explain });
  const { base } = loaded;
  const configs =
    loaded.hosts.length > 0
      ? loaded.hosts
      : [{ name: undefined, config: base, own: {}, placeOf: loaded.placeOf, shownAt: loaded.shownAt }];
  const passwords = [base, ...configs.map(({ config }) => config)].flatMap(passwordsOf);
  const hidden = unstated(loaded.outside, [{ config: base, shownAt: loaded.shownAt }, ...configs], cwd);
  const view = viewOf(hidden, passwords, cwd, () => secretKey(join(cache, 'secret.key')));
  const engine = createEngine<Configured>({
    cache,
    emit,
    force: flags.force,
    record: view.record,
    mask,
    wrap: withHooks,
  });
  const log = (line: string): void => emit({ type: 'log', step: '', host: undefined, line: mask(line) });
  const warned = new Set<string>();
  const warn = (line: string): void => {
    if (!warned.has(line)) log(`warning: ${line}`);
    warned.add(line);
  };
  for (const warning of loaded.warnings) warn(warning);
  const builds = configs.map(({ name, config, own, placeOf, shownAt }) =>
    engine.build({
      name: config.name,
      config,
      base,
      own,
      host: name,
      shown: shownConfig(config, shownAt, loaded.outside, cwd),
      view,
      placeOf,
      basePlaceOf: loaded.placeOf,
      mask,
      warn,
      output: resolve(outputRoot, config.name),
    }),
  );
  for (const { context } of builds) checkFolder('--output', context.output);
  for (const { context } of builds) checkSteps(tasks, context, flags.force);
  return { flags, engine, base, builds, cache, outputRoot, tasks, mask, log };
}

/** gulp's own command line; a program that imports the tasks has flags of its own, which are none of ours. */
function gulpArguments(): string[] {
  return /(^|\/)gulp(-cli)?(\.js)?$/.test(process.argv[1] ?? '') ? process.argv.slice(2) : [];
}

/** An error as gulp is to print it: without secrets, and without a stack unless somebody asked for it. */
function presentable(thrown: unknown, verbose: boolean, mask = (line: string): string => line): Error {
  const error = maskedError(thrown, mask);
  if (error instanceof Dock0Error) return new Dock0Error(error.message, { hint: error.hint });
  if (verbose) return error;
  const refused = ['EACCES', 'EPERM', 'EROFS'].includes(codeOf(error) ?? '');
  return new Dock0Error(error.message, {
    hint: refused
      ? 'Run it as the owner of these files (builds run as root), or choose other folders with --cache and --output.'
      : 'This should not happen: --verbose shows where.',
  });
}
