import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { workFolder } from '../helpers/gulp';
import { leftovers } from '../helpers/leftovers';
import { disturb, layOut } from '../helpers/property/stress';
import { tinyHost } from '../helpers/tiny-host';

describe('builds that share a cache, force, collect garbage, clean and are killed', () => {
  const work = workFolder();

  it('leave a whole cache, nothing else, and releases like the one that nobody disturbed', async () => {
    const seed = Number(process.env.DOCK0_SEED ?? Date.now() % 1_000_000);
    const alone = tinyHost(() => work.path('alone'));
    layOut(alone);
    const { code, output } = await alone.task(['install']);
    expect(code, output).to.equal(0);
    const undisturbed = readFileSync(alone.path('build/tiny/current/SHA256SUMS'), 'utf8');

    const seconds = Number(process.env.DOCK0_SECONDS ?? 300);
    const { failures, damages, sums, ...counts } = await disturb(work.path('together'), seconds, seed);
    console.log(`      ${JSON.stringify({ ...counts, failures: failures.length, damages: damages.length })}`);
    expect(failures.length, `seed ${seed}\n${failures.slice(0, 3).join('\n')}`).to.equal(0);
    expect(damages, `seed ${seed}`).to.deep.equal([]);
    expect([...new Set(sums)], `seed ${seed}`).to.deep.equal([undisturbed]);
    expect(await leftovers(work.path(), work.path('together/cache'))).to.deep.equal([]);
  });
});
