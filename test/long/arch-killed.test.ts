import { execFileSync, spawn } from 'node:child_process';
import { cpSync, existsSync, lstatSync, mkdirSync, readdirSync, readlinkSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { hashFile } from '../../lib/engine/hash-index';
import { run } from '../../lib/system/process';
import { withSandbox } from '../../lib/system/sandbox';
import { GOOD, type SmallRepository, smallRepository } from '../fixtures/arch/small-repository';
import { play, type Scenario } from '../fixtures/kill/arch-scenario';
import { FIXTURES, PROJECT, workFolder } from '../helpers/gulp';

describe('package lists and downloads of Arch, when the process is killed before any change of a file,', () => {
  const work = workFolder();
  const cache = (): string => work.path('cache');
  const asked = (more: Partial<Scenario> = {}): Scenario => {
    return {
      cache: cache(),
      mirror: work.path('mirror'),
      refresh: false,
      packages: ['beta'],
      local: [],
      ...more,
    };
  };
  let repository: SmallRepository;
  let local: string[] = [];

  before(async () => {
    await withSandbox(run, async (sandbox) => {
      repository = await smallRepository(work.path('repository'), sandbox.run);
      await repository.add('core', GOOD);
      await repository.add('extra', [{ name: 'gamma' }]);
      local = await repository.add('own', [
        { name: 'mine', depends: ['beta'], files: { 'usr/share/mine': 'x\n' } },
      ]);
      cpSync(repository.folder, work.path('old'), { recursive: true, verbatimSymlinks: true });
      await repository.add('core', [
        { name: 'beta', version: '2-1', files: { 'usr/share/beta/text': 'new\n' } },
      ]);
      cpSync(repository.folder, work.path('new'), { recursive: true, verbatimSymlinks: true });
    });
  });

  /** What a scenario leaves: the state's files, with databases in place of their stamp, and no leftovers. */
  const left = (): Record<string, string> => {
    const found: Record<string, string> = {};
    const visit = (path: string): void => {
      for (const name of readdirSync(join(cache(), path)).sort()) {
        const below = path === '' ? name : `${path}/${name}`;
        const full = join(cache(), below);
        const stat = lstatSync(full);
        if (stat.isDirectory()) visit(below);
        else if (stat.isSymbolicLink()) found[nameless(below)] = `-> ${readlinkSync(full)}`;
        // Written here, with times in it.
        else if (name === 'local-packages.db') found[nameless(below)] = textOf(full);
        else found[nameless(below)] = /\/(fetched|resolved\/.*)$/.test(below) ? '' : hashFile(full);
      }
    };
    for (const top of ['pacman', 'downloads']) if (existsSync(join(cache(), top))) visit(top);
    return found;
  };
  const textOf = (database: string): string =>
    execFileSync('bsdtar', ['-xOf', database], { encoding: 'utf8' });
  /** Names that have the stamp of the databases in them differ each time. */
  const nameless = (path: string): string =>
    path.replace(/\/with-[0-9a-f]+\//, '/with/').replace(/\/resolved\/[0-9a-f]+/, '/resolved/x');

  const publish = (name: 'old' | 'new'): void => {
    rmSync(work.path('mirror'), { recursive: true, force: true });
    cpSync(work.path(name), work.path('mirror'), { recursive: true, verbatimSymlinks: true });
  };
  const killed = (scenario: Scenario, at: number): Promise<string> =>
    new Promise((resolve, reject) => {
      const preload = ['sucrase/register/ts', join(FIXTURES, 'kill/at-change.ts')].flatMap((file) => [
        '-r',
        file,
      ]);
      const child = spawn(process.execPath, [...preload, join(FIXTURES, 'kill/arch-scenario.ts')], {
        cwd: PROJECT,
        env: {
          ...process.env,
          SCENARIO: JSON.stringify(scenario),
          KILL_AT: String(at),
          KILL_BELOW: cache(),
        },
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      let output = '';
      child.stdout.on('data', (data: Buffer) => {
        output += data.toString();
      });
      child.once('close', (code, signal) => {
        if (code === 0 || signal === 'SIGKILL') resolve(output.trim());
        else reject(new Error(`the scenario failed by itself: ${output}`));
      });
    });

  /** Kills a scenario before its first change, before its second, and so on, until it ends by itself. */
  const killEverywhere = async (
    prepare: () => Promise<void>,
    scenario: Scenario,
    after: (where: string) => Promise<void>,
  ): Promise<string[]> => {
    await prepare();
    mkdirSync(cache(), { recursive: true });
    rmSync(work.path('base'), { recursive: true, force: true });
    // Links and locks have the cache's path in them: it is restored in its place.
    cpSync(cache(), work.path('base'), { recursive: true, verbatimSymlinks: true, preserveTimestamps: true });
    const places: string[] = [];
    for (let at = 1; ; at++) {
      rmSync(cache(), { recursive: true, force: true });
      cpSync(work.path('base'), cache(), {
        recursive: true,
        verbatimSymlinks: true,
        preserveTimestamps: true,
      });
      const said = await killed(scenario, at);
      if (said.startsWith('changes: ')) return places;
      expect(said).to.match(/^killed before: /);
      places.push(said);
      await after(said);
    }
  };

  it('that are fetched in place of older ones are the old ones or the new ones, whole, and those of a later fetch', async () => {
    publish('new');
    rmSync(cache(), { recursive: true, force: true });
    const undisturbed = await play(asked({ refresh: true, local: [] }));
    const whole = left();
    const prepare = async (): Promise<void> => {
      rmSync(cache(), { recursive: true, force: true });
      publish('old');
      await play(asked({ packages: ['beta'], local }));
      publish('new');
    };
    const places = await killEverywhere(prepare, asked({ refresh: true }), async (where) => {
      const { resolved } = await play(asked());
      expect(resolved.map(({ version }) => version).join(), where).to.be.oneOf(['1-1', '2-1']);
      const again = await play(asked({ refresh: true }));
      expect(again.resolved, where).to.deep.equal(undisturbed.resolved);
      const now = left();
      // Downloads are kept.
      for (const name of Object.keys(now)) if (/^downloads\/.*(beta-1-1|mine)/.test(name)) delete now[name];
      expect(now, where).to.deep.equal(whole);
    });
    for (const step of [
      /rename pacman\/\w+\.\d+\/old$/,
      /rename pacman\/\w+\/database$/,
      /unlink pacman\/\w+\/with-/,
    ])
      expect(
        places.some((place) => step.test(place)),
        String(step),
      ).to.equal(true);
  });

  it('with local packages in them are made again, and the packages have their signatures', async () => {
    publish('new');
    rmSync(cache(), { recursive: true, force: true });
    const undisturbed = await play(asked({ local }));
    const whole = left();
    expect(Object.keys(whole)).to.include('downloads/pacman/local-packages/mine-1-1-any.pkg.tar.zst.sig');
    const prepare = async (): Promise<void> => rmSync(cache(), { recursive: true, force: true });
    await killEverywhere(prepare, asked({ local }), async (where) => {
      const { resolved } = await play(asked({ local }));
      expect(resolved, where).to.deep.equal(undisturbed.resolved);
      const now = left();
      // A part of an answer goes with all answers, at the next fetch.
      for (const name of Object.keys(now)) if (/resolved\/.*\.\d+\.\d+$/.test(name)) delete now[name];
      expect(now, where).to.deep.equal(whole);
    });
  });
});
