import { expect } from 'chai';
import gulp from 'gulp';
import { type Gulp, type Succession, successionOf } from '../../../lib/session/succession';

describe('a task that follows another one', () => {
  const Undertaker = Object.getPrototypeOf(Object.getPrototypeOf(gulp)).constructor;
  let instance: typeof gulp;
  let succession: Succession;
  let followed: string[];

  const ours = (displayName: string) =>
    Object.assign(
      async () => {
        if (succession.follows(displayName)) followed.push(displayName);
        await undefined;
        succession.ended(displayName);
      },
      { displayName },
    );
  const run = (task: (done: (error?: Error | null) => void) => unknown): Promise<void> =>
    new Promise((resolve, reject) => {
      task((error) => (error ? reject(error) : resolve()));
    });

  beforeEach(() => {
    instance = new Undertaker();
    succession = successionOf(instance as unknown as Gulp, (task) => ['one', 'two', 'three'].includes(task));
    followed = [];
  });

  it('is the next of a series', async () => {
    instance.task('all', instance.series(ours('one'), ours('two'), ours('three')));
    await run(instance.series('all'));
    expect(followed).to.deep.equal(['two', 'three']);
  });

  it('is none behind a task of somebody else, however short', async () => {
    await run(instance.series(ours('one'), (done) => done(), ours('two')));
    expect(followed).to.deep.equal([]);
  });

  it('is none beside others, but the next one behind them', async () => {
    const beside = instance.parallel(ours('one'), ours('two'));
    await run(instance.series(beside, ours('three')));
    expect(followed).to.deep.equal(['three']);
  });

  it('is none behind a task of somebody else that ran beside the one before', async () => {
    const theirs = async () => undefined;
    await run(instance.series(instance.parallel(theirs, ours('one')), ours('two'), ours('three')));
    expect(followed).to.deep.equal(['three']);
  });

  it('is none when it is started again, as by a watcher', async () => {
    const series = instance.series(ours('one'), ours('two'));
    await run(series);
    await run(series);
    expect(followed).to.deep.equal(['two']);
    succession.rested();
    await run(instance.series(ours('three'), series));
    expect(followed).to.deep.equal(['two', 'one', 'two']);
  });

  it('is none within a task of somebody else', async () => {
    const mine = async () => {
      await run(instance.series(ours('one')));
      await run(instance.series(ours('two')));
    };
    await run(instance.series(mine));
    instance.task('mine', mine);
    await run(instance.series('mine'));
    expect(followed).to.deep.equal([]);
  });

  it('is none where gulp does not run it', async () => {
    await ours('one')();
    await ours('two')();
    expect(followed).to.deep.equal([]);
  });
});
