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
});
