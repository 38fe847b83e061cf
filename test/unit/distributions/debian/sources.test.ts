import { mkdirSync, writeFileSync } from 'node:fs';
import { expect } from 'chai';
import { hostSources, mirrorSources } from '../../../../lib/distributions/debian/sources';
import { testFolder } from '../../../helpers/folder';

describe("the host's apt sources", () => {
  const etc = testFolder();
  beforeEach(() => mkdirSync(etc.path('sources.list.d')));

  it('are read in one-line style, only those of the release', () => {
    writeFileSync(
      etc.path('sources.list'),
      '# a comment\ndeb http://a.example/debian bookworm main\ndeb [signed-by=/k.gpg] http://a.example/security bookworm-security main\ndeb-src http://a.example/debian bookworm main\ndeb http://b.example nodistro main\n',
    );
    expect(hostSources(etc.path(), 'bookworm').list).to.equal(
      'deb http://a.example/debian bookworm main\ndeb [signed-by=/k.gpg] http://a.example/security bookworm-security main\n',
    );
  });

  it('are read in deb822 style, without other suites and disabled entries', () => {
    writeFileSync(
      etc.path('sources.list.d/debian.sources'),
      'Types: deb deb-src\n# why\nURIs: http://a.example/debian\nSuites: bookworm trixie bookworm-updates\nComponents: main\nSigned-By: /k.gpg\n\nTypes: deb\nEnabled: no\nURIs: http://c.example\nSuites: bookworm\nComponents: main\n\nTypes: deb\nURIs: http://d.example\nSuites: stable\nComponents: main\n',
    );
    expect(hostSources(etc.path(), 'bookworm').sources).to.equal(
      'Types: deb\nURIs: http://a.example/debian\nSuites: bookworm bookworm-updates\nComponents: main\nSigned-By: /k.gpg\n',
    );
  });

  it("are the host's own with the release in place of its own, where none is of the release", () => {
    writeFileSync(
      etc.path('sources.list'),
      [
        'deb [signed-by=/k.gpg] http://a.example/debian bookworm main contrib',
        'deb http://a.example/debian bookworm-backports main',
        'deb http://a.example/security bookworm-security main',
        'deb http://docker.example bookworm stable',
        '',
      ].join('\n'),
    );
    writeFileSync(
      etc.path('sources.list.d/debian.sources'),
      'Types: deb\nURIs: http://b.example/debian\nSuites: bookworm bookworm-updates\nComponents: main\nSigned-By: /k.gpg\n\nTypes: deb\nURIs: http://b.example/security\nSuites: bookworm-security\nComponents: main\n',
    );
    expect(hostSources(etc.path(), 'trixie', 'bookworm')).to.deep.equal({
      list: 'deb [signed-by=/k.gpg] http://a.example/debian trixie main contrib\ndeb http://a.example/security trixie-security main\n',
      sources:
        'Types: deb\nURIs: http://b.example/debian\nSuites: trixie trixie-updates\nComponents: main\nSigned-By: /k.gpg\n\nTypes: deb\nURIs: http://b.example/security\nSuites: trixie-security\nComponents: main\n',
    });
    expect(hostSources(etc.path(), 'sid', 'bookworm')).to.deep.equal({
      list: 'deb [signed-by=/k.gpg] http://a.example/debian sid main contrib\n',
      sources:
        'Types: deb\nURIs: http://b.example/debian\nSuites: sid\nComponents: main\nSigned-By: /k.gpg\n',
    });
  });

  it('are refused when none is of the release, nor of the one that the host runs', () => {
    writeFileSync(etc.path('sources.list'), 'deb http://a.example/debian trixie main\n');
    for (const host of [undefined, 'bullseye'])
      expect(() => hostSources(etc.path(), 'bookworm', host)).to.throw(/no entry for the release "bookworm"/);
  });

  it('are replaced by a configured mirror, an address or a whole line', () => {
    expect(
      mirrorSources(['http://m.example/debian', 'deb [trusted=yes] file:/repo ./'], 'bookworm').list,
    ).to.equal('deb http://m.example/debian bookworm main\ndeb [trusted=yes] file:/repo ./\n');
  });
});
