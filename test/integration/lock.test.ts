import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { type GulpResult, gulp, workFolder } from '../helpers/gulp';
import { leftovers } from '../helpers/leftovers';
import { archWorld, debianWorld, installed, type LockWorld } from '../helpers/lock-world';
import { PACKAGE_TOOLS, recorder } from '../helpers/recorder';
import { storedArtifacts } from '../helpers/store';

/** What the repository has at first, and what later: alpha then needs a newer beta. */
const FIRST = (world: LockWorld) => [
  { name: 'alpha', version: '1', depends: [world.atLeast('beta', '1')] },
  { name: 'beta', version: '1' },
  { name: 'gamma', version: '1' },
  { name: 'delta', version: '1' },
];
const SECOND = (world: LockWorld) => [
  { name: 'alpha', version: '2', depends: [world.atLeast('beta', '2'), 'epsilon'] },
  { name: 'beta', version: '2' },
  { name: 'gamma', version: '2' },
  { name: 'epsilon', version: '1' },
];

for (const [name, open] of [
  ['Debian', debianWorld],
  ['Arch', archWorld],
] as const) {
  describe(`the package lock, on ${name},`, () => {
    const work = workFolder();
    const world = open();
    const cache = (): string => work.path('cache');
    const lockFile = (): string => work.path('dock0.lock');
    const lockText = (): string => readFileSync(lockFile(), 'utf8');
    const versions = (text = lockText()): Record<string, string> =>
      Object.fromEntries(
        [
          ...text.matchAll(/^ {8}(alpha|beta|gamma|delta|epsilon):\n {10}version: '?([\d-]+?)(?:-1)?'?$/gm),
        ].map(([, name = '', version = '']) => [name, version]),
      );
    const configure = (packages: string[]): void => {
      const base = {
        name: 'tiny',
        init: 'none',
        docker: { enabled: false },
        volumes: { docker: null },
        network: { dhcp: false },
      };
      // No test here needs a kernel.
      const kernel = { provider: 'file', file: work.path('vmlinuz') };
      // YAML takes JSON.
      writeFileSync(work.path('dock0.yaml'), JSON.stringify({ ...base, ...world.keys(), kernel, packages }));
    };
    const task = (...args: string[]): Promise<GulpResult> =>
      gulp([...args, '--cache', cache()], { cwd: work.path(), env: world.env });
    const succeed = async (...args: string[]): Promise<string> => {
      const { code, output } = await task(...args);
      expect(code, output).to.equal(0);
      return output;
    };
    const fail = async (...args: string[]): Promise<string> => {
      const { code, output } = await task(...args);
      expect(code, output).to.equal(1);
      expect(output).to.not.match(/^\s+at .*:\d+:\d+\)?$/m);
      return output;
    };
    const forget = (...folders: string[]): void => {
      for (const folder of folders) rmSync(join(cache(), folder), { recursive: true, force: true });
    };

    before(async () => {
      writeFileSync(work.path('vmlinuz'), '');
      await world.open(work.path('world'));
      await world.publish(FIRST(world));
      configure(['alpha', 'gamma']);
    });
    after(() => world.close());

    it('is written by gulp lock: sorted, the same each time, with all facts of each package', async () => {
      await succeed('lock');
      const first = lockText();
      expect(versions()).to.deep.equal({ alpha: '1', beta: '1', gamma: '1' });
      const names = [...first.matchAll(/^ {8}(\S+):$/gm)].map(([, each = '']) => each);
      expect(names).to.deep.equal([...names].sort());
      expect(first).to.match(
        /alpha:\n( +(version|architecture|repository|path|sha256|bytes|snapshot): \S+\n){7}/,
      );
      expect(await succeed('lock')).to.contain('unchanged');
      expect(lockText()).to.equal(first);
    });

    it('decides what is installed, also after the repository moved and with an empty cache', async () => {
      await world.publish(SECOND(world));
      forget('.');
      await succeed('pacstrap');
      expect([installed(cache(), 'alpha'), installed(cache(), 'epsilon')]).to.deep.equal(['1', undefined]);
    });

    it('lets no step run as long as it stays the same, even when the lists are new', async () => {
      await succeed('outdated');
      const output = await succeed('pacstrap');
      expect(output).to.match(/^pacstrap +cached/m);
    });

    it('makes a second build that runs no package manager at all', async () => {
      const { env, started } = recorder(work.path('bin'), PACKAGE_TOOLS);
      const build = () =>
        gulp(['pacstrap', '--cache', cache()], { cwd: work.path(), env: { ...world.env, ...env } });
      forget('store');
      expect((await build()).code).to.equal(0);
      expect(started()).to.match(/^(pacman|mmdebstrap) /m);
      const { code, output } = await build();
      expect(code, output).to.equal(0);
      expect(started()).to.equal('');
    });

    it('is compared with the repository by gulp outdated', async () => {
      const before = lockText();
      const output = await succeed('outdated');
      expect(output).to.match(/^package +locked +available +repository$/m);
      expect(output)
        .to.match(/^alpha +1(-1)? +2(-1)? +\S+$/m)
        .and.match(/^beta +1(-1)? +2(-1)? +\S+$/m)
        .and.match(/^gamma +1(-1)? +2(-1)? +\S+$/m)
        .and.match(/^epsilon +none +1(-1)? +\S+$/m);
      expect(lockText()).to.equal(before);
    });

    it('refuses a build that requests other packages, and keeps versions when it is updated', async () => {
      configure(['alpha', 'delta']);
      const output = await fail('pacstrap');
      expect(output)
        .to.contain('dock0.lock: not what `packages` requests: delta was added, gamma was removed')
        .and.contain('gulp lock');
      await succeed('lock');
      expect(versions()).to.deep.equal({ alpha: '1', beta: '1', delta: '1' });
      configure(['alpha', 'gamma']);
      await succeed('lock');
      // gamma was not locked any longer, so its newest version was taken; the others stayed.
      expect(versions()).to.deep.equal({ alpha: '1', beta: '1', gamma: '2' });
    });

    it('refuses to build an image that it does not have', async () => {
      const before = lockText();
      const renamed = ['--set', 'name=other'];
      expect(await fail('pacstrap', ...renamed))
        .to.contain('dock0.lock: no image "other" (known: tiny)')
        .and.contain('gulp lock')
        .and.contain('lock: none');
      expect(await fail('outdated', ...renamed)).to.contain('has nothing for other');
      await succeed('pacstrap', '--dry-run', ...renamed, '--set', 'lock=none');
      await succeed('lock', ...renamed);
      await succeed('pacstrap', '--dry-run', ...renamed);
      expect([...lockText().matchAll(/^ {2}(\S+):$/gm)].map(([, image]) => image)).to.deep.equal([
        'other',
        'tiny',
      ]);
      writeFileSync(lockFile(), before);
    });

    it('is updated for one package and its dependencies by gulp update --package', async () => {
      await world.publish([{ name: 'gamma', version: '3' }]);
      const wrong = await fail('update', '--package', 'alhpa');
      expect(wrong).to.contain('--package alhpa: dock0.lock has no such package; did you mean alpha?');
      const before = lockText();
      expect(await succeed('update', '--package', 'alpha', '--dry-run')).to.contain('would have');
      expect(lockText()).to.equal(before);
      const output = await succeed('update', '--package', 'alpha');
      expect(output)
        .to.match(/^ *alpha +1(-1)? +2(-1)?$/m)
        .and.not.match(/^ *gamma/m);
      expect(versions()).to.deep.equal({ alpha: '2', beta: '2', epsilon: '1', gamma: '2' });
    });

    it('is updated as a whole by gulp update', async () => {
      const before = lockText();
      await succeed('update');
      expect(versions()).to.deep.equal({ alpha: '2', beta: '2', epsilon: '1', gamma: '3' });
      // Unchanged lines do not show in a diff.
      const moved = lockText()
        .split('\n')
        .filter((line) => !before.split('\n').includes(line));
      expect(moved.length, moved.join('\n')).to.be.lessThan(8);
    });

    it('has an image for a host only where that requests other packages', async () => {
      const before = lockText();
      mkdirSync(work.path('configs/hosts'), { recursive: true });
      writeFileSync(work.path('configs/hosts/same.yaml'), 'hostname: same.example\n');
      writeFileSync(work.path('configs/hosts/other.yaml'), 'packages: !append [delta]\n');
      expect(await fail('pacstrap', '--host', 'other')).to.contain('delta was added');
      await succeed('lock', '--host', 'same', '--host', 'other');
      const images = [...lockText().matchAll(/^ {2}(\S+):$/gm)].map(([, image]) => image);
      expect(images).to.deep.equal(['other', 'tiny']);
      expect(lockText()).to.contain(before.slice(before.indexOf('  tiny:')));
      expect(await succeed('pacstrap', '--dry-run', '--host', 'same', '--host', 'other')).to.contain(
        'would run',
      );
      writeFileSync(lockFile(), before);
    });

    it('names the package that no mirror has any more', async () => {
      await world.publish([{ name: 'alpha', version: '4' }]);
      world.withdraw('alpha', '2');
      forget('store', 'downloads');
      const output = await fail('pacstrap');
      expect(output)
        .to.match(/dock0\.lock names unavailable packages: .*alpha[- ]2/)
        .and.contain('gulp update --package')
        .and.not.match(/beta[- ]\d/);
      expect(storedArtifacts(cache(), 'pacstrap')).to.deep.equal([]);
    });

    it('is reported with the line when it is damaged, or when it is for another architecture', async () => {
      const good = lockText();
      const line = good.split('\n').findIndex((text) => /sha256:/.test(text)) + 1;
      writeFileSync(lockFile(), good.replace(/sha256: ..../, 'sha256: nope'));
      expect(await fail('pacstrap')).to.match(
        new RegExp(
          `dock0\\.lock:${line}:\\d+: images\\.tiny\\.root\\.packages\\.\\S+\\.sha256: expected 64 hexadecimal digits`,
        ),
      );
      writeFileSync(lockFile(), good.replace(/^ {4}architecture: \S+$/m, '    architecture: riscv64'));
      expect(await fail('pacstrap')).to.match(/dock0\.lock: locked for .*riscv64, but the image is for/);
      writeFileSync(lockFile(), `<<<<<<< ours\n${good}`);
      expect(await fail('pacstrap')).to.match(/dock0\.lock:\d+:\d+: /);
      writeFileSync(lockFile(), good);
    });

    it('is ignored with `lock: none`, and leaves nothing behind', async () => {
      await succeed('outdated');
      await succeed('pacstrap', '--set', 'lock=none');
      expect(installed(cache(), 'alpha')).to.equal('4');
      expect(versions().alpha).to.equal('2');
      expect(await leftovers(work.path(), cache())).to.deep.equal([]);
    });
  });
}
