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

  it('have the backports of the release on request, from wherever the release is', () => {
    writeFileSync(
      etc.path('sources.list'),
      'deb [signed-by=/k.gpg] http://a.example/debian bookworm main contrib\ndeb http://docker.example bookworm stable\n',
    );
    writeFileSync(
      etc.path('sources.list.d/debian.sources'),
      'Types: deb\nURIs: http://b.example/debian\nSuites: bookworm bookworm-updates\nComponents: main\n',
    );
    const { list, sources } = hostSources(etc.path(), 'bookworm', 'bookworm', true);
    expect(list).to.equal(
      [
        'deb [signed-by=/k.gpg] http://a.example/debian bookworm main contrib',
        'deb http://docker.example bookworm stable',
        'deb [signed-by=/k.gpg] http://a.example/debian bookworm-backports main contrib',
        '',
      ].join('\n'),
    );
    expect(sources).to.match(/^Suites: bookworm bookworm-updates bookworm-backports$/m);
    const other = hostSources(etc.path(), 'trixie', 'bookworm', true);
    expect(other.list).to.equal(
      'deb [signed-by=/k.gpg] http://a.example/debian trixie main contrib\ndeb [signed-by=/k.gpg] http://a.example/debian trixie-backports main contrib\n',
    );
    expect(other.sources).to.match(/^Suites: trixie trixie-updates trixie-backports$/m);
  });
});

describe('a stated mirror', () => {
  it('is an address or a whole line', () => {
    expect(
      mirrorSources(['http://m.example/debian', 'deb [trusted=yes] file:/repo ./'], 'bookworm').list,
    ).to.equal('deb http://m.example/debian bookworm main\ndeb [trusted=yes] file:/repo ./\n');
  });

  it("brings the release's updates, and its security fixes from beside it", () => {
    for (const [mirror, security] of [
      ['http://m.example/debian', 'http://m.example/debian-security'],
      [
        'http://m.example/archive/debian/20260101T000000Z/',
        'http://m.example/archive/debian-security/20260101T000000Z/',
      ],
    ])
      expect(mirrorSources([mirror as string], 'trixie')).to.deep.include({
        optional: [`deb ${mirror} trixie-updates main`, `deb ${security} trixie-security main`],
        lacks: [],
      });
    expect(mirrorSources(['http://m.example/debian'], 'sid')).to.deep.equal({
      list: 'deb http://m.example/debian sid main\n',
      sources: '',
      optional: [],
      lacks: [],
    });
  });

  it('leaves to a line what the line names', () => {
    const line = 'deb http://s.example/security trixie-security main';
    expect(mirrorSources(['http://m.example/debian', line], 'trixie')).to.deep.include({
      list: `deb http://m.example/debian trixie main\n${line}\n`,
      optional: ['deb http://m.example/debian trixie-updates main'],
    });
  });

  it('has its lack of security fixes said when none are to be found beside it', () => {
    const { optional, lacks } = mirrorSources(['http://m.example/mine'], 'trixie');
    expect(optional).to.deep.equal(['deb http://m.example/mine trixie-updates main']);
    expect(lacks).to.deep.equal([
      'no security fixes: http://m.example/mine has no trixie-security; state a mirror that does in `mirror`, as `deb URL trixie-security main`',
    ]);
  });

  it('may be lines, whose lack of the release, or of its security fixes, is said', () => {
    const lacks = (...lines: string[]): string[] => mirrorSources(lines, 'bookworm').lacks;
    const line = (suite: string): string => `deb http://m.example/debian ${suite} main`;
    expect(lacks(line('trixie'), line('trixie-security'))).to.deep.equal([
      'no line of `mirror` has bookworm, the release: packages are those of trixie, trixie-security',
    ]);
    expect(lacks(line('bookworm'))).to.deep.equal([
      'no security fixes: no line of `mirror` has bookworm-security',
    ]);
    expect(lacks(line('bookworm'), line('bookworm-security'))).to.deep.equal([]);
    expect(lacks('deb [trusted=yes] file:/repo ./')).to.deep.equal([]);
    expect(mirrorSources([line('sid')], 'sid').lacks).to.deep.equal([]);
  });

  it('brings backports only on request', () => {
    expect(mirrorSources(['http://m.example/debian'], 'trixie', true).list).to.equal(
      'deb http://m.example/debian trixie main\ndeb http://m.example/debian trixie-backports main\n',
    );
  });
});
