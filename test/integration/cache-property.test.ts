import { workFolder } from '../helpers/gulp';
import { checkCache, expectRight } from '../helpers/property/check';

describe('the cache, after random changes', () => {
  const work = workFolder();

  it('gives what an empty cache gives, and runs no step that reads nothing of what changed', async () => {
    // Always the same changes, so that a failure is the fault of the code at hand; test/long has new ones each time.
    const seed = Number(process.env.DOCK0_SEED ?? 1);
    const count = Number(process.env.DOCK0_MUTATIONS ?? 200);
    expectRight(await checkCache(work.path('project'), count, seed));
  });
});
