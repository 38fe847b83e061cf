import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { originOf } from '../../lib/kernel/source/origin';
import { prepareTree } from '../../lib/kernel/source/tree';
import { SHARED_CACHE } from '../helpers/gulp';
import {
  failure,
  fixtures,
  inTmpfs,
  NAME,
  preparedIn,
  SHA256,
  smallSource,
  sourceContext,
  TARBALL,
  type TestWork,
  testWork,
  unpackedIn,
} from '../unit/kernel/support';

describe("the kernel's source", () => {
  let work: TestWork;
  beforeEach(() => {
    work = testWork();
  });
  afterEach(() => work.remove());
  const prepare = preparedIn(() => work);
  const unpacked = (): string[] => unpackedIn(work);

  it("is Debian's package as the build host's apt has it where the image is of another distribution", async () => {
    const context = sourceContext({ ...work, cache: SHARED_CACHE }, { debian: 'linux-source-6.1' });
    const host = await originOf(context);
    const mirror = ['http://127.0.0.1:1/$repo/os/$arch'];
    const arch = { ...context, config: { ...context.config, distribution: 'arch' as const, mirror } };
    expect((await originOf(arch)).values).to.deep.equal(host.values);
  });

  it('has to be stated exactly once', async () => {
    expect((await failure(() => prepare({}))).message).to.contain(
      'exactly one of version, url, file, directory, debian',
    );
    const twice = await failure(() => prepare({ file: '/x', debian: 'linux-source-6.1' }));
    expect(twice.message).to.contain('states file and debian');
  });

  describe('from a file', () => {
    const file = join(fixtures, NAME);

    it('is unpacked once, with the time of the archive', async () => {
      const tree = await prepare({ file, sha256: SHA256 });
      expect(readFileSync(join(tree.path, 'Makefile'), 'utf8')).to.contain('PATCHLEVEL = 1');
      expect(tree.epoch).to.equal(1600000000);
      const inode = statSync(join(tree.path, 'Makefile')).ino;
      const again = await prepare({ file, sha256: SHA256 });
      expect(again).to.deep.equal(tree);
      expect(statSync(join(again.path, 'Makefile')).ino).to.equal(inode);
      expect(unpacked()).to.deep.equal([tree.key]);
    });

    it('that is damaged or no kernel leaves nothing behind', async () => {
      const damaged = join(work.root, 'damaged.tar.xz');
      writeFileSync(damaged, TARBALL.subarray(0, 400));
      expect((await failure(() => prepare({ file: damaged }))).message).to.contain(
        "damaged.tar.xz can't be unpacked",
      );
      const other = join(work.root, 'other.tar');
      await work.run('tar', ['--create', '--file', other, '--directory', fixtures, 'developer.asc']);
      expect((await failure(() => prepare({ file: other }))).message).to.contain(
        'no Linux source: there is no Makefile',
      );
      expect(unpacked()).to.deep.equal([]);
    });
  });

  describe('from a folder', () => {
    it('is used in place, and copied only to be patched', async () => {
      const directory = await smallSource(work.root);
      expect((await prepare({ directory })).path).to.equal(directory);
      const program = join(work.root, 'touch');
      writeFileSync(program, '#!/bin/sh\ntouch changed\n', { mode: 0o755 });
      const patched = await prepare({ directory }, [program]);
      expect(existsSync(join(patched.path, 'changed'))).to.equal(true);
      expect(existsSync(join(directory, 'changed'))).to.equal(false);
    });

    it('keeps its name when a file in it changes', async () => {
      const directory = await smallSource(work.root);
      const { key } = await prepare({ directory });
      writeFileSync(join(directory, 'init/main.sh'), 'changed');
      expect((await prepare({ directory })).key).to.equal(key);
    });

    it('keeps its name when it moves together with the cache', async () => {
      const keyIn = async (root: string): Promise<string> => {
        const context = sourceContext(
          { ...work, cache: join(root, 'cache') },
          { directory: join(root, 'linux-9.1.2') },
        );
        return (await prepareTree(await originOf(context), [], context)).key;
      };
      const [here, there] = [join(work.root, 'here'), join(work.root, 'there: é')];
      mkdirSync(here);
      await smallSource(here);
      const key = await keyIn(here);
      renameSync(here, there);
      expect(await keyIn(there)).to.equal(key);
    });

    it('is another copy to be patched when its content changes, and only then', async () => {
      const directory = await smallSource(work.root);
      const program = join(work.root, 'touch');
      writeFileSync(program, '#!/bin/sh\ntouch changed\n', { mode: 0o755 });
      const { key } = await prepare({ directory }, [program]);
      utimesSync(join(directory, 'Makefile'), 0, 0);
      expect((await prepare({ directory }, [program])).key).to.equal(key);
      writeFileSync(join(directory, 'init/main.sh'), 'changed');
      expect((await prepare({ directory }, [program])).key).not.to.equal(key);
    });

    it('that was compiled in place, or is no source, is refused', async () => {
      const directory = await smallSource(work.root);
      writeFileSync(join(directory, '.config'), '');
      const error = await failure(() => prepare({ directory }));
      expect(error.message).to.contain('was compiled in place (it has .config)');
      expect((await failure(() => prepare({ directory: fixtures }))).message).to.contain('no Linux source');
      expect((await failure(() => prepare({ directory: '/no/such' }))).message).to.contain(
        '/no/such: no such folder',
      );
    });
  });

  it('leaves nothing half-made on a full disk', async () => {
    const small = join(work.root, 'small');
    mkdirSync(join(work.root, 'big'));
    const tree = await smallSource(join(work.root, 'big'));
    writeFileSync(join(tree, 'filler'), Buffer.alloc(4 << 20, 'x'));
    cpSync(tree, join(work.root, 'big/copy'), { recursive: true });
    const file = join(work.root, 'big.tar');
    await work.run('tar', ['--create', '--file', file, '--directory', join(work.root, 'big'), 'linux-9.1.2']);
    mkdirSync(small);
    const error = await inTmpfs(work, small, '2m', async () => {
      const context = sourceContext({ ...work, cache: join(small, 'cache') }, { file });
      const thrown = await failure(async () => prepareTree(await originOf(context), [], context));
      expect(readdirSync(join(small, 'cache/kernel/sources'))).to.deep.equal([]);
      return thrown;
    });
    expect(error.message).to.contain('No space left on device');
  });
});
