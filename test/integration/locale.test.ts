import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { gulp, SHARED_CACHE, workFolder } from '../helpers/gulp';
import { storedArtifacts } from '../helpers/store';

describe('a locale and a time zone of one word each', () => {
  const work = workFolder();

  it('bring their packages, and the locale is generated: the same bytes each time', async () => {
    const text = 'distribution: debian\ninit: none\ndocker: {enabled: false}\nvolumes: {docker: null}\n';
    writeFileSync(work.path('dock0.yaml'), `${text}locale: de_AT.UTF-8\ntimezone: Europe/Vienna\n`);
    const run = (...args: string[]): ReturnType<typeof gulp> =>
      gulp(['customize', ...args], { cwd: work.path() });
    const before = new Set(storedArtifacts(SHARED_CACHE, 'customize'));
    const { code, output } = await run('--explain');
    expect(code, output).to.equal(0);
    expect(output)
      .to.match(/takes tzdata \S+ \(timezone\)/)
      .and.match(/takes locales \S+ \(locale\)/);
    const [made = ''] = storedArtifacts(SHARED_CACHE, 'customize').filter((path) => !before.has(path));
    expect(existsSync(join(made, 'layer/usr/lib/locale/de_AT.utf8/LC_CTYPE'))).to.equal(true);
    expect(readFileSync(join(made, 'layer/etc/locale.conf'), 'utf8')).to.equal('LANG=de_AT.UTF-8\n');
    const again = await run('--force', 'customize');
    expect(again.output).to.match(/customize +done in .*, the same bytes as before/);
  });
});
