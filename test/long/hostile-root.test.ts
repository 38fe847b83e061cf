import { workFolder } from '../helpers/gulp';
import { expectClear, expectEnded, expectUnchanged } from '../helpers/hostile/expect';
import { type Built, buildHostile } from '../helpers/hostile/pool';

describe('each hostile thing at each path of an image', () => {
  const work = workFolder();
  let built: Built[] = [];

  before(async () => {
    built = await buildHostile(work.path(), 1);
  });

  it('changes nothing outside of the root', () => expectUnchanged(built));
  it('ends', () => expectEnded(built));
  it('succeeds, or fails with a message that says what is wrong', () => expectClear(built));
});
