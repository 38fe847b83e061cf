import { expect } from 'chai';
import { parseDescriptions } from '../../../../lib/distributions/arch/database';
import { buildDate, parseInfo } from '../../../../lib/distributions/arch/description';
import { signaturesOf } from '../../../../lib/distributions/arch/signatures';

const DESC = `%FILENAME%
tool-1:2.0-1-x86_64.pkg.tar.zst

%NAME%
tool

%VERSION%
1:2.0-1

%GROUPS%
some
more

%CSIZE%
1234

%SHA256SUM%
ABCDEF

%ARCH%
x86_64

%PROVIDES%
instrument=2
libtool.so=1-64

%DEPENDS%
glibc
bash>=5

%CONFLICTS%
utensil<2

`;

describe('a package database', () => {
  it('is read entry by entry', () => {
    const other = DESC.replaceAll('tool', 'other').replace(/%GROUPS%\nsome\nmore\n\n/, '');
    const [tool, second] = parseDescriptions(DESC + other);
    expect(tool).to.deep.equal({
      name: 'tool',
      version: '1:2.0-1',
      arch: 'x86_64',
      file: 'tool-1:2.0-1-x86_64.pkg.tar.zst',
      bytes: 1234,
      sha256: 'abcdef',
      groups: ['some', 'more'],
      provides: ['instrument=2', 'libtool.so=1-64'],
      depends: ['glibc', 'bash>=5'],
      conflicts: ['utensil<2'],
    });
    expect(second?.groups).to.deep.equal([]);
  });

  it('that names a file outside of its folder is refused', () => {
    for (const file of ['../../etc/passwd', '/etc/passwd', '.hidden', '-rf', 'a\u0007b']) {
      expect(() => parseDescriptions(DESC.replace(/tool-1:2.*zst/, file)), file).to.throw(
        'a package database names the file',
      );
    }
  });

  it('with an entry that lacks something is refused, with its name', () => {
    expect(() => parseDescriptions(DESC.replace('%SHA256SUM%\nABCDEF\n', ''))).to.throw(
      'without %SHA256SUM%: tool-1:2.0-1-x86_64.pkg.tar.zst',
    );
  });
});

describe('.PKGINFO', () => {
  it('is read with repeated keys and without comments', () => {
    const info = parseInfo(
      '# made by\npkgname = tool\nbuilddate = 1700000000\ndepend = a\ndepend = b>=2\nnonsense\n',
    );
    expect(info.get('depend')).to.deep.equal(['a', 'b>=2']);
    expect(buildDate(info)).to.equal(1_700_000_000);
  });
});

describe('a signature level', () => {
  it('is that of the last word about packages', () => {
    const levels = [
      'Required DatabaseOptional',
      'Never',
      'PackageNever DatabaseRequired',
      'Required PackageOptional',
      'TrustAll',
      'DatabaseNever',
    ];
    expect(levels.map(signaturesOf)).to.deep.equal([
      'required',
      'never',
      'never',
      'optional',
      'optional',
      'optional',
    ]);
  });
});
