import { writeFileSync } from 'node:fs';
import { expect } from 'chai';
import { pacmanConf } from '../../../../lib/distributions/arch/conf';
import {
  type RepositorySettings,
  repositoriesOf,
  urlsOf,
} from '../../../../lib/distributions/arch/repositories';
import { machine } from '../../../../lib/system/host';
import { testFolder } from '../../../helpers/folder';

function settings(given: {
  mirror?: RepositorySettings['mirror'];
  pacman?: Partial<RepositorySettings['pacman']>;
}): RepositorySettings {
  return {
    mirror: given.mirror ?? 'auto',
    pacman: {
      snapshot: undefined,
      repositories: [],
      local_packages: [],
      keys: [],
      sig_level: 'Required DatabaseOptional',
      ...given.pacman,
    },
  };
}

describe('the repositories of an Arch image', () => {
  const folder = testFolder();
  const none = (): string => folder.path('no-such-list');

  it("are the distribution's own, from the host's mirror list", () => {
    writeFileSync(
      folder.path('mirrorlist'),
      '# near\nServer = https://a.example/$repo/os/$arch\n#Server = https://off.example/\nServer=https://b.example/$repo/\n',
    );
    const [core, extra] = repositoriesOf(settings({}), folder.path('mirrorlist'));
    expect(core).to.deep.include({
      name: 'core',
      servers: [`https://a.example/core/os/${machine()}`, 'https://b.example/core'],
    });
    expect(extra?.servers[0]).to.equal(`https://a.example/extra/os/${machine()}`);
  });

  it("come from Arch's worldwide mirror where the host has no list", () => {
    expect(repositoriesOf(settings({}), none())[0]?.servers).to.have.length(1);
  });

  it('come from the configured mirrors; a top folder has the usual layout', () => {
    const [core] = repositoriesOf(
      settings({ mirror: ['https://m.example/arch/', 'https://n.example/$repo'] }),
      none(),
    );
    expect(core?.servers).to.deep.equal([
      `https://m.example/arch/core/os/${machine()}`,
      'https://n.example/core',
    ]);
  });

  it('come from a day of the archive with a snapshot', () => {
    const [core] = repositoriesOf(settings({ pacman: { snapshot: '2026-11-01' } }), none());
    expect(core?.servers[0]).to.match(/\/repos\/2026\/11\/01\/core\/os\//);
  });

  it("have the user's own before them, with their own signature level", () => {
    const own = { name: 'mine', server: ['file:///srv/$repo'], sig_level: 'Optional TrustAll', keys: [] };
    const all = repositoriesOf(settings({ pacman: { repositories: [own] } }), none());
    expect(all.map(({ name, sigLevel }) => `${name}: ${sigLevel}`)).to.deep.equal([
      'mine: Optional TrustAll',
      'core: Required DatabaseOptional',
      'extra: Required DatabaseOptional',
    ]);
    expect(all[0]?.servers).to.deep.equal(['file:///srv/mine']);
    const twice = { ...own, name: 'core' };
    expect(() => repositoriesOf(settings({ pacman: { repositories: [twice] } }), none())).to.throw(
      'the name "core" is taken',
    );
  });

  it("can have several servers; multilib, which is Arch's own, also has the archive", () => {
    const server = ['https://a.example/$repo', 'https://b.example/$repo'];
    const multilib = { name: 'multilib', server, sig_level: undefined, keys: [] };
    const [first] = repositoriesOf(settings({ pacman: { repositories: [multilib] } }), none());
    expect(first?.servers).to.deep.equal(['https://a.example/multilib', 'https://b.example/multilib']);
    expect(first?.archived).to.equal(true);
  });

  it("have old versions in the archive, which is tried last, unless they are the user's own", () => {
    const file = 'tool-1:2.0+1-1-any.pkg.tar.zst';
    const own = { name: 'mine', server: ['file:///srv/$repo'], sig_level: undefined, keys: [] };
    for (const mirror of ['auto', ['https://m.example']] as const) {
      const all = repositoriesOf(
        settings({ mirror: mirror as 'auto', pacman: { repositories: [own] } }),
        none(),
      );
      const [mine, core] = all.map((repository) => urlsOf(repository, 'tool', file));
      expect(core).to.have.length(2);
      expect(core?.[1]).to.match(/\/packages\/t\/tool\/tool-1%3A2\.0%2B1-1-any\.pkg\.tar\.zst$/);
      expect(mine).to.have.length(1);
    }
  });
});

describe('a generated pacman.conf', () => {
  it('names everything that pacman would take from the host', () => {
    const text = pacmanConf({
      repositories: [
        { name: 'core', servers: ['https://a', 'https://b'], sigLevel: 'Required', archived: false },
      ],
      sigLevel: 'Required DatabaseOptional',
      keyring: '/cache/keyring',
      packages: '/cache/packages',
      log: '/dev/null',
      database: '/cache/db',
      noExtract: ['/usr/share/doc/*', '!/usr/share/doc/kept'],
    });
    expect(text).to.equal(
      [
        '[options]',
        `Architecture = ${machine()}`,
        'SigLevel = Required DatabaseOptional',
        'LocalFileSigLevel = Required DatabaseOptional',
        'GPGDir = /cache/keyring',
        'CacheDir = /cache/packages',
        'LogFile = /dev/null',
        'DBPath = /cache/db',
        'NoExtract = usr/share/doc/*',
        'NoExtract = !usr/share/doc/kept',
        '',
        '[core]',
        'SigLevel = Required',
        'Server = https://a',
        'Server = https://b',
        '',
      ].join('\n'),
    );
  });
});
