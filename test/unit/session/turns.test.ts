import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect } from 'chai';
import { createTurns } from '../../../lib/session/turns';

describe('the tasks of one process', () => {
  let said: string[] = [];
  const turns = () =>
    createTurns(
      async () => void said.push('pause'),
      async () => void said.push('rest'),
    );
  const work = (name: string) => async () => {
    said.push(`${name} begins`);
    await nextTurn();
    said.push(`${name} ends`);
  };

  beforeEach(() => {
    said = [];
  });

  it('run side by side, and rest once all have ended', async () => {
    const take = turns();
    await Promise.all([take(work('a')), take(work('b'))]);
    await nextTurn();
    expect(said).to.deep.equal(['a begins', 'b begins', 'a ends', 'b ends', 'pause', 'rest']);
  });

  it('pause, but do not rest, between two that follow each other', async () => {
    const take = turns();
    await take(work('a'));
    await take(work('b'));
    await nextTurn();
    const around = said.filter((each) => !each.startsWith('a') && !each.startsWith('b'));
    expect(around).to.deep.equal(['pause', 'pause', 'rest']);
  });

  it('wait for a pause that has begun', async () => {
    let paused = (): void => undefined;
    const take = createTurns(
      () =>
        new Promise((resolve) => {
          paused = resolve;
        }),
      async () => undefined,
    );
    const first = take(work('a'));
    while (!said.includes('a ends')) await nextTurn();
    await nextTurn();
    const second = take(work('b'));
    await nextTurn();
    expect(said).to.deep.equal(['a begins', 'a ends']);
    paused();
    await first;
    while (!said.includes('b ends')) await nextTurn();
    await nextTurn();
    paused();
    await second;
  });

  it('let one that wants to be alone run when no other does, at whichever place it was started', async () => {
    const take = turns();
    const alone = take(work('alone'), true);
    const series = (async () => {
      await take(work('a'));
      await take(work('b'));
    })();
    await Promise.all([alone, series]);
    expect(said.filter((each) => /begins|ends/.test(each))).to.deep.equal(
      ['a', 'b', 'alone'].flatMap((name) => [`${name} begins`, `${name} ends`]),
    );
    expect(said.indexOf('rest')).to.be.lessThan(said.indexOf('alone begins'));
  });

  it('wait while one runs alone, and run also after it has failed', async () => {
    const take = turns();
    const failing = take(async () => {
      await work('alone')();
      throw new Error('no');
    }, true);
    const failed = failing.catch(({ message }: Error) => message);
    while (!said.includes('alone begins')) await nextTurn();
    await Promise.all([take(work('a')), take(work('b'), true)]);
    expect(await failed).to.equal('no');
    expect(said.indexOf('alone ends')).to.be.lessThan(said.indexOf('a begins'));
    expect(said.indexOf('a ends')).to.be.lessThan(said.indexOf('b begins'));
  });
});
