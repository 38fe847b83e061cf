import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import type { Step } from '../../../lib/engine/step';
import { Dock0Error } from '../../../lib/error';
import { engineWorld } from '../../helpers/engine-world';

describe('the engine', () => {
  const { folder, events, runs, source, product, open, make, forget, stored, reasons } = engineWorld();

  it('makes a step after what it stands on, and nothing the second time', async () => {
    const path = await make();
    expect(readFileSync(join(path, 'double'), 'utf8')).to.equal('abcabc');
    expect(runs).to.deep.equal(['source', 'product']);
    expect(await make()).to.equal(path);
    expect(runs).to.deep.equal([]);
    expect(events.map(({ type }) => type)).to.deep.equal(['cached']);
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
    forget();
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

  it('previews without making anything', async () => {
    forget();
    const { engine, build } = open();
    await build.preview([product]);
    await engine.settled();
    expect(events.map((event) => event.type === 'planned' && [event.step, event.state])).to.deep.equal([
      ['source', 'would run'],
      ['product', 'would run'],
    ]);
    expect(existsSync(folder.path('cache/store'))).to.equal(false);
  });
});
