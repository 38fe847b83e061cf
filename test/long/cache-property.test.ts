import { workFolder } from '../helpers/gulp';
import { checkCache, expectRight } from '../helpers/property/check';

describe('the cache, after thousands of random changes', () => {
  const work = workFolder();

  it('gives what an empty cache gives, and runs no step that reads nothing of what changed', async () => {
    const seed = Number(process.env.DOCK0_SEED ?? Date.now() % 1_000_000);
    expectRight(await checkCache(work.path('project'), 2000, seed));
  });
});
