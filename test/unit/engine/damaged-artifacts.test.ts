import { existsSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import type { Step } from '../../../lib/engine/step';
import { engineWorld } from '../../helpers/engine-world';

describe('the engine, when artifacts were damaged or replaced', () => {
  const { folder, events, runs, source, product, open, make, forget } = engineWorld();

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
    forget();
    const all = [open(), open(), open()];
    const made = await Promise.all(all.map(({ build }) => build.make(source)));
    for (const { engine } of all) await engine.settled();
    expect(new Set(made.map(({ path }) => path)).size).to.equal(1);
    expect(runs).to.deep.equal(['source']);
  });

  it('says on a dry run that a damaged artifact would be made again', async () => {
    rmSync(join(await make(source), 'copy'));
    forget();
    const { engine, build } = open();
    await build.preview([source]);
    await engine.settled();
    const planned = events.find((event) => event.type === 'planned');
    expect(planned).to.include({ step: 'source', state: 'would run' });
  });

  /** What a dry run says of the steps, and which of them a build then runs. */
  const saidAndDone = async (step: Step): Promise<{ said: string[]; done: string[] }> => {
    forget();
    const { engine, build } = open();
    await build.preview([step]);
    await engine.settled();
    const said = events.flatMap((event) => (event.type === 'planned' ? `${event.step} ${event.state}` : []));
    await make(step);
    return { said, done: [...runs] };
  };

  it('says on a dry run that what is gone is not needed, where a build needs it for nothing', async () => {
    await make();
    rmSync(folder.path('cache/store/source'), { recursive: true });
    const { said, done } = await saidAndDone(product);
    expect(said).to.deep.equal(['source not needed', 'product cached']);
    expect(done).to.deep.equal([]);
    rmSync(folder.path('cache/store/product'), { recursive: true });
    expect((await saidAndDone(product)).said).to.deep.equal(['source would run', 'product would run']);
  });

  it('says on a dry run that a large artifact would be made again, where a step that runs would find it damaged', async () => {
    const large: Step = {
      ...source,
      run: async (context) => {
        await source.run(context);
        for (let at = 0; at < 600; at++) writeFileSync(join(context.out, `file ${at}`), '');
        return {};
      },
    };
    const text = { text: 'one' };
    const user: Step<'source'> = {
      ...product,
      needs: () => ({ source: large }),
      inputs: () => ({ values: { ...text } }),
    };
    await make(user);
    const path = await make(large);
    rmSync(join(path, 'file 7'));
    expect(await saidAndDone(user)).to.deep.equal({ said: ['source cached', 'product cached'], done: [] });
    text.text = 'two';
    expect(await saidAndDone(user)).to.deep.equal({
      said: ['source would run', 'product would run'],
      done: ['source', 'product'],
    });
  });
});
