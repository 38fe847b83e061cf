import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import type { Build } from '../../../lib/engine/build';
import { createEngine, type Engine } from '../../../lib/engine/engine';
import type { BuildEvent } from '../../../lib/engine/events';
import type { Step } from '../../../lib/engine/step';
import { openStore } from '../../../lib/engine/store/local';
import { Dock0Error } from '../../../lib/error';
import { guard } from '../../../lib/system/guard';
import { testFolder } from '../../helpers/folder';

describe('the engine', () => {
  const folder = testFolder();
  let events: BuildEvent[] = [];
  let runs: string[] = [];
  const value = { text: 'one' };

  const source: Step = {
    name: 'source',
    description: 'Copies the input',
    version: 1,
    inputs: () => ({ values: { text: value.text }, files: [{ name: 'in', path: folder.path('in') }] }),
    run: async ({ out }) => {
      runs.push('source');
      writeFileSync(join(out, 'copy'), readFileSync(folder.path('in/file')));
      return { length: value.text.length };
    },
  };
  const product: Step<'source'> = {
    name: 'product',
    description: 'Doubles the copy',
    version: 1,
    needs: () => ({ source }),
    run: async ({ out, needs }) => {
      runs.push('product');
      const copy = readFileSync(join(needs.source.path, 'copy'), 'utf8');
      writeFileSync(join(out, 'double'), copy + copy);
      return {};
    },
  };

  function open(force: string[] = []): { engine: Engine; build: Build } {
    const engine = createEngine({ cache: folder.path('cache'), emit: (event) => events.push(event), force });
    const build = engine.build({
      name: 'test',
      host: undefined,
      output: folder.path('build'),
    });
    return { engine, build };
  }

  async function make(step: Step = product, force: string[] = []): Promise<string> {
    events = [];
    runs = [];
    const { engine, build } = open(force);
    try {
      return (await build.make(step)).path;
    } finally {
      await engine.settled();
    }
  }

  const stored = (step: string): string | undefined =>
    openStore(folder.path('cache'))
      .list()
      .find(({ entry }) => entry.step === step)?.entry.made;
  const reasons = (step: string): string[] =>
    events.flatMap((event) => (event.type === 'start' && event.step === step ? event.reasons : []));

  beforeEach(() => {
    value.text = 'one';
    mkdirSync(folder.path('in'));
    writeFileSync(folder.path('in/file'), 'abc');
  });

  it('makes a step after what it stands on, and nothing the second time', async () => {
    const path = await make();
    expect(readFileSync(join(path, 'double'), 'utf8')).to.equal('abcabc');
    expect(runs).to.deep.equal(['source', 'product']);
    expect(await make()).to.equal(path);
    expect(runs).to.deep.equal([]);
    expect(events.map(({ type }) => type)).to.deep.equal(['cached']);
  });

  it('says which file changed, and from what to what', async () => {
    await make();
    writeFileSync(folder.path('in/file'), 'abd');
    await make();
    expect(runs).to.deep.equal(['source', 'product']);
    expect(reasons('source')).to.have.length(1);
    expect(reasons('source')[0]).to.match(/^in\/file changed: [0-9a-f]{8}… -> [0-9a-f]{8}…$/);
    expect(reasons('product')).to.deep.equal(['source changed']);
  });

  it('says which value changed', async () => {
    await make();
    value.text = 'three';
    await make();
    expect(reasons('source')).to.deep.equal(['text: one -> three']);
  });

  it('answers from the cache when an input goes back to what it was', async () => {
    await make();
    value.text = 'three';
    await make();
    value.text = 'one';
    await make();
    expect(runs).to.deep.equal([]);
  });

  it('sees a change that keeps size and modification time', async () => {
    await make();
    const { build, engine } = open();
    const before = (await build.plan(source)).fingerprint;
    await engine.settled();
    writeFileSync(folder.path('in/file'), 'xyz');
    utimesSync(folder.path('in/file'), 1, 1);
    const again = open();
    expect((await again.build.plan(source)).fingerprint).to.not.equal(before);
    await again.engine.settled();
  });

  it('makes a forced step again, and what stands on it, and says whether the bytes are the same', async () => {
    await make();
    await make(product, ['source']);
    expect(runs).to.deep.equal(['source', 'product']);
    expect(reasons('source')).to.deep.equal(['forced']);
    expect(reasons('product')).to.deep.equal(['source was forced']);
    const done = events.filter((event) => event.type === 'done');
    expect(done.map((event) => event.type === 'done' && event.same)).to.deep.equal([true, true]);
  });

  it('makes a forced step, and what stands on it, once in a series of tasks', async () => {
    await make();
    runs = [];
    const { engine, build } = open(['source']);
    for (const step of [source, product, product]) {
      await build.make(step);
      await engine.pause();
    }
    await engine.settled();
    expect(runs).to.deep.equal(['source', 'product']);
  });

  it('keeps nothing of a step that failed, and runs it again', async () => {
    const failing: Step = {
      ...source,
      run: async ({ out }) => {
        writeFileSync(join(out, 'half'), 'half');
        throw new Dock0Error('it broke');
      },
    };
    const error = await make(failing).catch((thrown) => thrown);
    expect(error.message).to.equal('source: it broke');
    expect(readdirSync(folder.path('cache/tmp'))).to.deep.equal([]);
    expect(stored('source')).to.equal(undefined);
    await make();
    expect(runs).to.deep.equal(['source', 'product']);
  });

  it('refuses a result when an input changed while the step ran', async () => {
    const slow: Step = {
      ...source,
      run: async (context) => {
        await source.run(context);
        writeFileSync(folder.path('in/file'), 'changed meanwhile');
        return {};
      },
    };
    const error = await make(slow).catch((thrown) => thrown);
    expect(error.message).to.contain('an input changed while the step ran');
    expect(stored('source')).to.equal(undefined);
  });

  it('refuses a result when a value that it read changed while the step ran', async () => {
    const slow: Step = {
      ...source,
      run: async (context) => {
        value.text = 'other';
        return source.run(context);
      },
    };
    const error = await make(slow).catch((thrown) => thrown);
    expect(error.message).to.contain('an input changed while the step ran');
    expect(stored('source')).to.equal(undefined);
  });

  it('finds a flipped bit in a stored artifact, names the file and makes it again', async () => {
    const path = await make(source);
    const file = join(path, 'copy');
    const bytes = readFileSync(file);
    bytes.writeUInt8(bytes.readUInt8(0) ^ 1, 0);
    writeFileSync(file, bytes);
    utimesSync(file, 1, 1);
    await make();
    const damaged = events.find((event) => event.type === 'damaged');
    expect(damaged).to.include({
      step: 'source',
      path: 'copy',
      problem: 'has other content than when it was made',
    });
    expect(runs).to.deep.equal(['source', 'product']);
    expect(readFileSync(join(await make(source), 'copy'), 'utf8')).to.equal('abc');
  });

  it('finds a file that is missing from a stored artifact', async () => {
    const path = await make(product);
    rmSync(join(path, 'double'));
    await make(product);
    expect(events.find((event) => event.type === 'damaged')).to.include({
      path: 'double',
      problem: 'is missing',
    });
    expect(runs).to.deep.equal(['product']);
  });

  it('makes a shared step once for two builds of one run', async () => {
    events = [];
    runs = [];
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
    events = [];
    runs = [];
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

  it('previews without making anything', async () => {
    events = [];
    const { engine, build } = open();
    await build.preview(product);
    await engine.settled();
    expect(events.map((event) => event.type === 'planned' && [event.step, event.state])).to.deep.equal([
      ['source', 'would run'],
      ['product', 'would run'],
    ]);
    expect(existsSync(folder.path('cache/store'))).to.equal(false);
  });

  it('ends what runs when it is aborted, and keeps nothing', async () => {
    const endless: Step = {
      ...source,
      run: async ({ run }) => void (await run('sleep', ['60'])) as undefined,
    };
    events = [];
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

  it('leaves the files of a replaced artifact to those who use them, and frees them afterwards', async () => {
    const reader = open();
    const { path } = await reader.build.make(source);
    await make(source, ['source']);
    expect(readFileSync(join(path, 'copy'), 'utf8')).to.equal('abc');
    await reader.engine.settled();
    await make(source, ['source']);
    expect(existsSync(path)).to.equal(false);
  });

  it('mends one damaged artifact once, however many builds find it', async () => {
    rmSync(join(await make(source), 'copy'));
    events = [];
    runs = [];
    const all = [open(), open(), open()];
    const made = await Promise.all(all.map(({ build }) => build.make(source)));
    for (const { engine } of all) await engine.settled();
    expect(new Set(made.map(({ path }) => path)).size).to.equal(1);
    expect(runs).to.deep.equal(['source']);
  });

  it('says on a dry run that a damaged artifact would be made again', async () => {
    rmSync(join(await make(source), 'copy'));
    events = [];
    const { engine, build } = open();
    await build.preview(source);
    await engine.settled();
    const planned = events.find((event) => event.type === 'planned');
    expect(planned).to.include({ step: 'source', state: 'would run' });
  });

  it('says that it waits for the one who cleans the cache', async () => {
    await make(source);
    events = [];
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
    await make(source);
    expect(statSync(folder.path('cache')).mode & 0o777).to.equal(0o755);
    expect(statSync(folder.path('cache/store')).mode & 0o777).to.equal(0o700);
  });

  it('makes files with the same modes under any umask, which stays as it was', async () => {
    const folders: Step = {
      ...source,
      run: async ({ out }) => {
        mkdirSync(join(out, 'sub'));
        writeFileSync(join(out, 'sub/file'), 'x');
        return {};
      },
    };
    const before = process.umask(0o077);
    try {
      const path = await make(folders);
      const modes = ['sub', 'sub/file'].map((name) => statSync(join(path, name)).mode & 0o777);
      expect(modes).to.deep.equal([0o755, 0o644]);
      expect(process.umask()).to.equal(0o077);
    } finally {
      process.umask(before);
    }
  });

  it('sees another order of its files, and a file that is used in another way', async () => {
    mkdirSync(folder.path('other'));
    const files = [
      { role: 'overlay', name: 'in', path: folder.path('in') },
      { role: 'overlay', name: 'other', path: folder.path('other') },
    ];
    const step = (inputs: typeof files): Step => ({ ...source, inputs: () => ({ files: inputs }) });
    await make(step(files));
    await make(step([...files].reverse()));
    expect(runs).to.deep.equal(['source']);
    expect(reasons('source')).to.deep.equal(['files: the order changed: in, other -> other, in']);
    await make(step(files.map((file) => ({ ...file, role: 'template' }))));
    expect(runs).to.deep.equal(['source']);
  });

  it('sees a change behind a link that is followed when it is used', async () => {
    symlinkSync('../target', folder.path('in/link'));
    writeFileSync(folder.path('target'), 'one');
    const following: Step = {
      ...source,
      inputs: () => ({ files: [{ name: 'in', path: folder.path('in'), follow: true }] }),
    };
    await make(following);
    writeFileSync(folder.path('target'), 'two');
    await make(following);
    expect(runs).to.deep.equal(['source']);
    await make(source);
    writeFileSync(folder.path('target'), 'six');
    await make(source);
    expect(runs).to.deep.equal([]);
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
