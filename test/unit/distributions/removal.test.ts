import { expect } from 'chai';
import { refused } from '../../../lib/distributions/removal';
import { CommandError } from '../../../lib/system/process';

describe('a package that can not be removed', () => {
  const told = (output: string, names = ['beta']): string =>
    refused(new CommandError(['pacman'], 1, output, 'raw'), names, ['alpha', 'beta']).message;

  it('is named, with those that need it', () => {
    expect(
      told(
        'checking dependencies...\nerror: failed to prepare transaction (could not satisfy dependencies)\n' +
          ":: removing beta breaks dependency 'beta>=1' required by alpha\n" +
          ":: removing beta breaks dependency 'beta' required by gamma",
      ),
    ).to.equal("cleanup.packages: beta can't be removed: alpha and gamma need it");
    expect(
      told(
        'dpkg: dependency problems prevent removal of libzstd1:amd64:\n' +
          ' libapt-pkg6.0:amd64 depends on libzstd1 (>= 1.5.2).\n\n' +
          'dpkg: error processing package libzstd1:amd64 (--purge):\n dependency problems - not removing\n',
      ),
    ).to.equal("cleanup.packages: libzstd1 can't be removed: libapt-pkg6.0 needs it");
  });

  it('is named when it is essential, or is not there, with a suggestion', () => {
    expect(
      told(
        'dpkg: error processing package dpkg (--purge):\n this is an essential package; it should not be removed\n',
      ),
    ).to.equal("cleanup.packages: dpkg can't be removed: it is essential");
    expect(told('error: target not found: btea')).to.equal(
      'cleanup.packages: btea is not installed; did you mean beta?',
    );
  });

  it('is named with what was said when nobody foresaw that', () => {
    expect(told('one\ntwo', ['a', 'b'])).to.equal(
      "cleanup.packages: a, b can't be removed\n    one\n    two",
    );
  });
});
