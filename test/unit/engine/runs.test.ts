import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { execaSync } from 'execa';
import type { Step } from '../../../lib/engine/step';
import { openStore } from '../../../lib/engine/store/local';
import { Dock0Error } from '../../../lib/error';
import { guard } from '../../../lib/system/guard';
import { engineWorld } from '../../helpers/engine-world';

describe('the engine, with several builds, interruptions and locks', () => {
  const { folder, events, runs, source, product, open, make, forget, reasons } = engineWorld();

  it('makes a shared step once for two builds of one run', async () => {
    forget();
    const { engine, build } = open();
    const other = engine.build({
      name: 'other',
      host: 'other',
      output: folder.path('build'),
    });
    await Promise.all([build.make(product), other.make(product), build.make(source)]);
    await engine.settled();
    expect(runs).to.deep.equal(['source', 'product']);
  });

  it('lets a second engine wait for the first and take its artifact', async () => {
    forget();
    const slow: Step = {
      ...source,
      run: async (context) => {
        await new Promise((resolve) => setTimeout(resolve, 300));
        return source.run(context);
      },
    };
    const [a, b] = [open(), open()];
    const paths = await Promise.all([a.build.make(slow), b.build.make(slow)]);
    await Promise.all([a.engine.settled(), b.engine.settled()]);
    expect(paths[0].path).to.equal(paths[1].path);
    expect(runs).to.deep.equal(['source']);
    expect(events.filter(({ type }) => type === 'wait')).to.have.length(1);
  });

  it('ends what runs when it is aborted, and keeps nothing', async () => {
    const endless: Step = {
      ...source,
      run: async ({ run }) => void (await run('sleep', ['60'])) as undefined,
    };
    forget();
    const { engine, build } = open();
    const making = build.make(endless).catch((error) => error);
    setTimeout(() => engine.abort(new Dock0Error('stopped')), 300);
    expect((await making).message).to.equal('stopped');
    await engine.settled();
    expect(readdirSync(folder.path('cache/tmp'))).to.deep.equal([]);
  });

  it('goes on in the same process after a step failed', async () => {
    const failing: Step = { ...product, run: () => Promise.reject(new Dock0Error('it broke')) };
    const { engine, build } = open();
    const error = await build.make(failing).catch((thrown) => thrown);
    expect(error.message).to.equal('product: it broke');
    await engine.settled();
    writeFileSync(folder.path('in/file'), 'xyz');
    const again = engine.build({ name: 'test', host: undefined, output: folder.path('build') });
    const { path } = await again.make(product);
    await engine.settled();
    expect(readFileSync(join(path, 'double'), 'utf8')).to.equal('xyzxyz');
  });

  it('makes again what gulp gc freed between two tasks of one process', async () => {
    const { engine, build } = open();
    await build.make(source);
    await engine.settled();
    for (const { entry } of engine.store.list()) await engine.store.remove(entry);
    await engine.store.sweep();
    const { path } = await build.make(product);
    await engine.settled();
    expect(readFileSync(join(path, 'double'), 'utf8')).to.equal('abcabc');
  });

  it('needs no lock where all is there and nobody reads it', async () => {
    await make(product);
    forget();
    const alone = await guard(folder.path('cache/store.lock'));
    const { engine, build } = open();
    expect(await build.ensure(source)).to.deep.equal({ length: 3 });
    await build.ensure(product);
    await engine.settled();
    await alone.release();
    expect(events.map(({ type }) => type)).to.deep.equal(['cached', 'cached']);
  });

  it('plans anew in each run, unless nobody has changed a file since the last one, which made nothing', async () => {
    const input = folder.path('changing');
    let looks = 0;
    const reading: Step = {
      ...source,
      name: 'reading',
      inputs: () => {
        looks++;
        return { files: [{ name: 'changing', path: input }] };
      },
      run: async () => ({ looks }),
    };
    const { engine, build } = open();
    const change = async (how: 'follow' | 'change'): Promise<string> => {
      await engine.pause();
      if (how === 'follow') engine.follow();
      else writeFileSync(input, `${Math.random()}`);
      return (await build.plan(reading)).fingerprint;
    };
    writeFileSync(input, 'first');
    await build.ensure(reading);
    const first = (await build.plan(reading)).fingerprint;
    expect(await change('follow')).to.equal(first);
    expect(looks, 'something was made').to.be.above(2);
    const before = looks;
    expect(await change('follow')).to.equal(first);
    expect(looks).to.equal(before);
    expect(await change('change')).not.to.equal(first);
    await engine.settled();
    engine.follow();
    const settled = looks;
    await build.plan(reading);
    expect(looks).to.equal(settled + 1);
    await engine.settled();
  });

  it('makes again what gulp gc freed after it was found', async () => {
    await make(source);
    forget();
    const { engine, build } = open();
    // Another of the run, so that it is not over in between.
    const other: Step = {
      ...source,
      name: 'other',
      run: () => new Promise((done) => setTimeout(() => done({}), 300)),
    };
    const busy = build.ensure(other);
    await build.ensure(source);
    for (const { entry } of engine.store.list()) await engine.store.remove(entry);
    await engine.store.sweep();
    const made = await Promise.all([build.make(product), build.make(source)]);
    await busy;
    await engine.settled();
    expect(readFileSync(join(made[0].path, 'double'), 'utf8')).to.equal('abcabc');
    expect(readFileSync(join(made[1].path, 'copy'), 'utf8')).to.equal('abc');
    expect(runs).to.deep.equal(['source', 'product']);
  });

  it('takes a default access list off its folders whenever one is given, too', async () => {
    const list = 'system.posix_acl_default';
    const listed = () =>
      execaSync('getfattr', ['--absolute-names', '--name', list, folder.path('cache/store')], {
        reject: false,
      });
    const settled = () => new Promise((done) => setTimeout(done, 60));
    for (const _ of [1, 2, 3]) {
      await make(product);
      await settled();
    }
    const everybody = '0x0200000001000700ffffffff04000700ffffffff20000700ffffffff';
    execaSync('setfattr', ['--name', list, '--value', everybody, folder.path('cache/store')]);
    expect(listed().exitCode).to.equal(0);
    await settled();
    await make(product);
    expect(listed().exitCode).to.equal(1);
  });

  it('says that it waits for the one who cleans the cache', async () => {
    await make(source);
    forget();
    const alone = await guard(folder.path('cache/store.lock'));
    const { engine, build } = open();
    const making = build.make(source);
    while (!events.some((event) => event.type === 'log')) await new Promise((done) => setTimeout(done, 10));
    await alone.release();
    await making;
    await engine.settled();
    const said = events.find((event) => event.type === 'log');
    expect(said).to.include({ line: 'waiting for `gulp gc` or `gulp clean` to finish' });
  });

  it('keeps a cache that only its owner can read, and marks it as a cache', async () => {
    await make(source);
    expect(statSync(folder.path('cache')).mode & 0o777).to.equal(0o700);
    expect(readFileSync(folder.path('cache/CACHEDIR.TAG'), 'utf8')).to.match(
      /^Signature: 8a477f597d28d172789f06886806bc55\n/,
    );
  });

  it('closes what is its own in a folder that has other things in it, and nothing else', async () => {
    mkdirSync(folder.path('cache'), { mode: 0o755 });
    writeFileSync(folder.path('cache/notes'), '');
    // A file that was changed a moment ago is hashed, and its hash not kept.
    await new Promise((done) => setTimeout(done, 60));
    await make(source);
    expect(statSync(folder.path('cache/hashes.json')).mode & 0o777).to.equal(0o600);
    expect(statSync(folder.path('cache')).mode & 0o777).to.equal(0o755);
    for (const name of ['store', 'apt', 'pacman', 'history', 'images', 'releases', 'downloads', 'tmp'])
      expect(statSync(folder.path(`cache/${name}`)).mode & 0o777, name).to.equal(0o700);
  });

  it('takes no folder for its own that others may use', async () => {
    mkdirSync(folder.path('cache'), { mode: 0o755 });
    writeFileSync(folder.path('cache/notes'), '');
    mkdirSync(folder.path('cache/tmp'));
    chmodSync(folder.path('cache/tmp'), 0o1777);
    const error = await make(source).catch((thrown) => thrown);
    expect(error.message).to.equal(`${folder.path('cache/tmp')} is open to others: the cache would be, too`);
    expect(statSync(folder.path('cache/tmp')).mode & 0o7777).to.equal(0o1777);
  });

  it('knows a folder that only has answers of registries for its own', async () => {
    mkdirSync(folder.path('cache/images'), { recursive: true, mode: 0o755 });
    await make(source);
    expect(statSync(folder.path('cache')).mode & 0o777).to.equal(0o700);
  });

  it('passes over what an earlier version left in the cache, and frees it', async () => {
    const place = join(await make(source), '../..');
    for (const file of [join(place, 'artifact.json'), folder.path('cache/history/test/source.json')]) {
      const old = JSON.parse(readFileSync(file, 'utf8'));
      (old.record ?? old).format = undefined;
      writeFileSync(file, JSON.stringify(old));
    }
    await make(source);
    expect(runs).to.deep.equal(['source']);
    expect(reasons('source')).to.deep.equal(['first build']);
    const old = folder.path('cache/store/old/0123');
    mkdirSync(join(old, 'files'), { recursive: true });
    writeFileSync(join(old, 'artifact.json'), JSON.stringify({ record: {}, fingerprint: '0123' }));
    await openStore(folder.path('cache')).sweep();
    expect(existsSync(old)).to.equal(false);
  });
});
