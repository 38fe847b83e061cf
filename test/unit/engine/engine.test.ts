import { existsSync, mkdirSync, readdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { type Build, createEngine, type Engine } from '../../../lib/engine/engine';
import type { BuildEvent } from '../../../lib/engine/events';
import type { Step } from '../../../lib/engine/step';
import { Dock0Error } from '../../../lib/error';
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
    expect(existsSync(folder.path('cache/store/source'))).to.equal(false);
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
    expect(existsSync(folder.path('cache/store/source'))).to.equal(false);
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
    expect(readFileSync(file, 'utf8')).to.equal('abc');
  });

  it('finds a file that is missing from a stored artifact', async () => {
    const path = await make(product);
    const { rmSync } = await import('node:fs');
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
});
