import { mkdirSync, readFileSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { expect } from 'chai';
import { type GulpResult, gulp, stepsThatRan, workFolder } from '../helpers/gulp';
import { wholeSource } from '../unit/kernel/support';

describe('gulp kernel, from a folder of source that its user edits', () => {
  const work = workFolder();
  let recipe: string;

  const kernel = (...args: string[]): Promise<GulpResult> =>
    gulp(['kernel', ...args], { cwd: work.path(), env: { DOCK0_CACHE: work.path('cache') } });
  const ran = async (...args: string[]): Promise<string[]> => {
    const { code, output } = await kernel(...args);
    expect(code, output).to.equal(0);
    return stepsThatRan(output);
  };

  before(async () => {
    const { directory, yaml } = await wholeSource(work.path());
    writeFileSync(work.path('dock0.yaml'), yaml);
    mkdirSync(join(directory, '.git'));
    recipe = join(directory, 'init/main.sh');
    expect(await ran()).to.deep.equal(['kernel']);
    // What was written a moment ago is not taken from the index.
    await pause(100);
    expect(await ran()).to.deep.equal([]);
  });

  it('makes nothing again when a file is only touched, or version control writes its own', async () => {
    utimesSync(recipe, new Date(), new Date());
    writeFileSync(join(recipe, '../../.git/index'), 'x');
    expect(await ran()).to.deep.equal([]);
  });

  it('makes it again when the content changed, though size and time are as they were', async () => {
    const { mtime, size } = statSync(recipe);
    writeFileSync(recipe, readFileSync(recipe, 'utf8').replace('image', 'IMAGE'));
    utimesSync(recipe, mtime, mtime);
    expect(statSync(recipe).size).to.equal(size);
    expect((await kernel('--explain', '--dry-run')).output).to.match(
      /kernel\.source\.directory\/init changed: [0-9a-f]{8}… -> [0-9a-f]{8}…/,
    );
    expect(await ran()).to.deep.equal(['kernel']);
  });

  it('finds the first kernel again when the change is taken back', async () => {
    writeFileSync(recipe, readFileSync(recipe, 'utf8').replace('IMAGE', 'image'));
    expect(await ran()).to.deep.equal([]);
  });

  it('keeps nothing of a kernel whose source changed while it was made', async () => {
    writeFileSync(recipe, `echo '# later' >> '${recipe}'\necho right > init/main.o\n`);
    const { code, output } = await kernel();
    expect(code, output).to.equal(1);
    expect(output).to.contain('an input changed while the step ran');
  });
});
