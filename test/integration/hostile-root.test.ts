import { expect } from 'chai';
import { workFolder } from '../helpers/gulp';
import { expectClear, expectEnded, expectUnchanged } from '../helpers/hostile/expect';
import { type Built, buildHostile } from '../helpers/hostile/pool';
import { leftovers } from '../helpers/leftovers';

describe('a build of packages with links, pipes, sockets and devices where it writes, reads and lists', () => {
  const work = workFolder();
  let built: Built[] = [];

  before(async () => {
    built = await buildHostile(work.path(), 28);
  });

  it('changes nothing outside of the root', () => expectUnchanged(built));
  it('ends', () => expectEnded(built));
  it('succeeds, or fails with a message that says what is wrong', () => expectClear(built));
  it('leaves nothing behind', async () => {
    expect(await leftovers(work.path(), work.path('one/work/cache'))).to.deep.equal([]);
  });
});
