import { expect } from 'chai';
import { removal as pacman } from '../../../lib/distributions/arch/removal';
import { removal as dpkg } from '../../../lib/distributions/debian/removal';
import type { Removal } from '../../../lib/distributions/provider';
import { refused } from '../../../lib/distributions/removal';
import { CommandError } from '../../../lib/system/process';

describe('a package that cannot be removed', () => {
  const told = (by: Removal, output: string, names = ['beta']): string =>
    refused(by, new CommandError([...by.command], 1, output, 'raw'), names, ['alpha', 'beta']).message;

  it('is named with the packages that need it', () => {
    expect(
      told(
        pacman,
        'checking dependencies...\nerror: failed to prepare transaction (could not satisfy dependencies)\n' +
          ":: removing beta breaks dependency 'beta>=1' required by alpha\n" +
          ":: removing beta breaks dependency 'beta' required by gamma",
      ),
    ).to.equal('cleanup.packages: beta cannot be removed: alpha and gamma need it');
    expect(
      told(
        dpkg,
        'dpkg: dependency problems prevent removal of libzstd1:amd64:\n' +
          ' libapt-pkg6.0:amd64 depends on libzstd1 (>= 1.5.2).\n\n' +
          'dpkg: error processing package libzstd1:amd64 (--purge):\n dependency problems - not removing\n',
      ),
    ).to.equal('cleanup.packages: libzstd1 cannot be removed: libapt-pkg6.0 needs it');
  });

  it('is named when it is essential, or when it is not installed, with a suggestion', () => {
    expect(
      told(
        dpkg,
        'dpkg: error processing package dpkg (--purge):\n this is an essential package; it should not be removed\n',
      ),
    ).to.equal('cleanup.packages: dpkg cannot be removed: it is essential');
    expect(told(pacman, 'error: target not found: btea')).to.equal(
      'cleanup.packages: btea is not installed; did you mean beta?',
    );
  });

  it('is named with the output of the package manager when the reason is unknown', () => {
    expect(told(dpkg, 'one\ntwo', ['a', 'b'])).to.equal(
      'cleanup.packages: a, b cannot be removed\n    one\n    two',
    );
  });
});
