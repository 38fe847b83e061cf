import { expect } from 'chai';
import { forPackages } from '../../../lib/distributions/exclude';

describe('patterns of paths that are not installed', () => {
  it('take what is in a folder with it', () => {
    expect(forPackages(['/usr/share/doc', '/usr/share/man/*'])).to.deep.equal([
      '/usr/share/doc',
      '/usr/share/doc/*',
      '/usr/share/man/*',
    ]);
  });

  it('keep the folders above what is kept of such a folder', () => {
    expect(forPackages(['/usr/share/doc', '!/usr/share/doc/a/*']).slice(2)).to.deep.equal([
      '!/usr/share/doc',
      '!/usr/share/doc/a',
      '!/usr/share/doc/a/*',
    ]);
    expect(forPackages(['/usr/share/doc/*', '!/usr/share/doc/*/copyright']).slice(1)).to.deep.equal([
      '!/usr/share/doc/*/copyright',
      '!/usr/share/doc/*/copyright/*',
    ]);
  });

  it('keep the folders above what is kept far below a folder whose content is left out', () => {
    expect(forPackages(['/usr/share/locale/*', '!/usr/share/locale/de/LC_MESSAGES/a.mo'])).to.deep.equal([
      '/usr/share/locale/*',
      '!/usr/share/locale/de',
      '!/usr/share/locale/de/LC_MESSAGES',
      '!/usr/share/locale/de/LC_MESSAGES/a.mo',
      '!/usr/share/locale/de/LC_MESSAGES/a.mo/*',
    ]);
    for (const [gone, kept, above] of [
      [
        '/usr/share/l[aeo]cale/d?',
        '!/usr/share/locale/de/x/*',
        ['!/usr/share/locale/de', '!/usr/share/locale/de/x'],
      ],
      ['/usr/*/games+', '!/usr/share/games+/*', ['!/usr/share/games+']],
      ['/a/\\*x', '!/a/bx/*', []],
    ] as const) {
      const own = forPackages([kept]).length;
      expect(forPackages([gone, kept]).slice(2, -own), gone).to.deep.equal(above);
    }
  });
});
