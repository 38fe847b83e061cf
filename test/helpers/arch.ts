import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { run } from '../../lib/system/process';
import { withSandbox } from '../../lib/system/sandbox';
import { type Mirror, ONLY_LOOPBACK, startMirror } from '../fixtures/arch/mirror';
import { BAD, GOOD, type SmallRepository, smallRepository } from '../fixtures/arch/small-repository';
import { type GulpResult, gulp, workFolder } from './gulp';
import { leftovers } from './leftovers';
import { storedArtifacts } from './store';

/** A suite's repository of tiny packages, two mirrors of it, and `gulp pacstrap` run on them. */
export interface ArchSuite {
  path: (name?: string) => string;
  cache: () => string;
  repository: () => SmallRepository;
  mirror: () => Mirror;
  second: () => Mirror;
  /** Package files that no configured repository has. */
  local: () => string[];
  /** Writes a configuration that takes the first mirror and trusts its key, with these keys on top; gives its path. */
  configuration: (packages: string[], keys?: ConfigKeys) => string;
  install: (packages: string[], keys?: ConfigKeys) => Promise<GulpResult>;
  /** The layer that the last installation left in the store. */
  layer: () => string;
  /** Removes folders of the cache. */
  forget: (...folders: string[]) => Promise<unknown>;
  /** Expects a failure without a stack that says these things, and that nothing of it is left anywhere. */
  expectClear: (result: GulpResult, ...parts: (string | RegExp)[]) => Promise<void>;
}

/** Keys of a configuration, `pacman` merged with what every one needs. */
export interface ConfigKeys {
  pacman?: object;
  [key: string]: unknown;
}

/** Sets a suite up; call it in a `describe`. */
export function archSuite(): ArchSuite {
  const work = workFolder();
  let repository: SmallRepository;
  let mirror: Mirror;
  let second: Mirror;
  let local: string[] = [];
  let written = 0;
  const cache = (): string => work.path('cache');
  const forget: ArchSuite['forget'] = (...folders) =>
    run('rm', ['-rf', '--', ...folders.map((folder) => join(cache(), folder))]);
  const stored = (): string[] => {
    return storedArtifacts(cache(), 'pacstrap');
  };

  before(async () => {
    await withSandbox(run, async (sandbox) => {
      repository = await smallRepository(work.path('repository'), sandbox.run);
      await repository.add('core', GOOD);
      await repository.add('extra', BAD);
      local = await repository.add('own', [
        { name: 'mine', depends: ['beta'], files: { 'usr/share/mine': 'x\n' } },
      ]);
    });
    mirror = await startMirror(repository.folder);
    second = await startMirror(repository.folder);
  });
  after(async () => {
    await mirror.close();
    await second.close();
  });
  beforeEach(() => forget('store/pacstrap'));
  afterEach(() => {
    mirror.behave();
    second.behave();
  });

  const configuration: ArchSuite['configuration'] = (packages, keys = {}) => {
    const file = work.path(`config-${written++}.yaml`);
    const base = {
      name: 'small',
      distribution: 'arch',
      init: 'none',
      docker: { enabled: false },
      volumes: { docker: null },
      network: { dhcp: false },
    };
    const pacman = { keys: [repository.key.file], ...keys.pacman };
    // YAML takes JSON.
    writeFileSync(file, JSON.stringify({ ...base, mirror: [mirror.server], ...keys, packages, pacman }));
    return file;
  };
  return {
    path: work.path,
    cache,
    repository: () => repository,
    mirror: () => mirror,
    second: () => second,
    local: () => local,
    configuration,
    install: (packages, keys) =>
      gulp(['pacstrap', '--config', configuration(packages, keys), '--cache', cache()], {
        cwd: work.path(),
        env: ONLY_LOOPBACK,
      }),
    layer: () => join(stored()[0] ?? '', 'layer'),
    forget,
    expectClear: async ({ code, output }, ...parts) => {
      expect(code, output).to.equal(1);
      for (const part of parts) {
        if (typeof part === 'string') expect(output).to.contain(part);
        else expect(output).to.match(part, output);
      }
      expect(output).to.not.match(/^\s+at .*:\d+:\d+\)?$/m);
      expect(stored()).to.deep.equal([]);
      expect(await leftovers(work.path(), cache())).to.deep.equal([]);
    },
  };
}
