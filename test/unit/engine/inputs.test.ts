import {
  mkdirSync,
  readFileSync,
  type Stats,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { isSettled } from '../../../lib/engine/hash-index';
import type { Step } from '../../../lib/engine/step';
import { engineWorld } from '../../helpers/engine-world';

describe('the engine, when inputs change', () => {
  const { folder, runs, value, source, open, make, stored, reasons } = engineWorld();

  it('hands a step what its inputs said, and nothing else of what it knew when it was planned', async () => {
    const { engine } = open();
    const build = engine.build({
      ...{ name: 'test', host: undefined, output: folder.path('build') },
      ...{ config: 'all of it' },
    });
    let seen: object = {};
    const step: Step<string, { config: string }> = {
      ...{ name: 'asks', description: 'Looks at what it gets', version: 1 },
      inputs: ({ config }) => ({
        values: { read: config.length },
        files: [{ role: 'text', name: 'in', path: folder.path('in/file') }],
        means: { mirror: 'here' },
      }),
      run: async (context) => {
        seen = context;
        return {};
      },
    };
    await build.make(step as Step);
    await engine.settled();
    expect(seen).to.deep.include({
      values: { read: 9 },
      files: [{ role: 'text', name: 'in', path: folder.path('in/file') }],
      means: { mirror: 'here' },
    });
    expect(Object.keys(seen).sort()).to.deep.equal(
      [
        ...['cache', 'host', 'name', 'output', 'signal', 'log', 'line', 'progress', 'run'],
        ...['needs', 'out', 'tmp', 'values', 'files', 'means'],
      ].sort(),
    );
  });

  it('sees another order of keys, which a step may go through, and names the map', async () => {
    let map: Record<string, number> = { a: 1, b: 2 };
    const lists: Step = {
      ...{ name: 'lists', description: 'Lists keys', version: 1 },
      inputs: () => ({ values: { map } }),
      run: async ({ values, out }) => {
        runs.push('lists');
        writeFileSync(join(out, 'keys'), Object.keys(values.map).join(' '));
        return {};
      },
    };
    await make(lists);
    map = { b: 2, a: 1 };
    const path = await make(lists);
    expect(readFileSync(join(path, 'keys'), 'utf8')).to.equal('b a');
    expect(reasons('lists')).to.deep.equal(['map: the order changed']);
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

  it('tells the facts of a need to inputs that ask, and makes the need first only where something is made', async () => {
    const asking: Step<'source'> = {
      ...{ name: 'asking', description: 'Asks', version: 1 },
      needs: () => ({ source }),
      inputs: async (_, facts) => ({ values: { length: (await facts('source'))?.length ?? 'unknown' } }),
      run: async ({ values, out }) => {
        runs.push(`asking ${values.length}`);
        writeFileSync(join(out, 'length'), String(values.length));
        return {};
      },
    };
    const { build, engine } = open();
    await build.preview([asking]);
    expect(runs).to.deep.equal([]);
    await build.make(asking);
    expect(runs).to.deep.equal(['source', 'asking 3']);
    await engine.settled();
    const again = open();
    const { inputs } = await again.build.plan(asking);
    expect(inputs.values).to.deep.equal({ length: 3 });
    await again.engine.settled();
    await make(asking);
    expect(runs).to.deep.equal([]);
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

  const following: Step = {
    ...source,
    inputs: () => ({ files: [{ name: 'in', path: folder.path('in'), follow: true }] }),
  };

  it('sees a change behind a link that is followed when it is used', async () => {
    symlinkSync('../target', folder.path('in/link'));
    writeFileSync(folder.path('target'), 'one');
    await make(following);
    writeFileSync(folder.path('target'), 'two');
    await make(following);
    expect(runs).to.deep.equal(['source']);
    await make(source);
    writeFileSync(folder.path('target'), 'six');
    await make(source);
    expect(runs).to.deep.equal([]);
  });

  it('sees a change behind two links, a loop of links notwithstanding', async () => {
    mkdirSync(folder.path('shared'));
    writeFileSync(folder.path('target'), 'one');
    symlinkSync('../target', folder.path('shared/file'));
    symlinkSync('.', folder.path('shared/loop'));
    symlinkSync('../shared', folder.path('in/link'));
    await make(following);
    writeFileSync(folder.path('target'), 'two');
    await make(following);
    expect(runs).to.deep.equal(['source']);
    await make(following);
    expect(runs).to.deep.equal([]);
  });

  it('sees a change within the second that the times of a file system count by', () => {
    const ctimeMs = Math.floor(Date.now() / 1000) * 1000 - 1000;
    expect(isSettled({ ctimeMs } as Stats)).to.equal(false);
    expect(isSettled({ ctimeMs: ctimeMs - 2000 } as Stats)).to.equal(true);
    expect(isSettled({ ctimeMs: ctimeMs + 1 } as Stats)).to.equal(Date.now() - ctimeMs > 51);
  });
});
