import { expect } from 'chai';
import { readConfig } from '../../../lib/config/load';
import { arch } from '../../../lib/distributions/arch';
import { platformOf } from '../../../lib/distributions/check';
import { cleanUp, load, problemsOf, workspace } from './workspace';

describe("the place of Docker's data", () => {
  afterEach(cleanUp);

  it('is a volume labelled docker by default', () => {
    const { docker, volumes } = load({}).base;
    expect(docker.storage).to.deep.equal({ driver: 'auto', volume: 'docker', path: '/var/lib/docker' });
    expect(volumes).to.deep.equal({
      docker: { label: 'docker', create: false, path: '/var/lib/docker', type: 'ext4', options: ['rw'] },
    });
  });

  it('may be a volume mounted on a parent folder', () => {
    const text =
      'volumes: {state: {uuid: 0a1b2c3d-0001-4002-8003-0a1b2c3d4e5f, path: /var/lib}}\ndocker: {storage: {volume: state}}\n';
    expect(load({ 'dock0.yaml': text }).base.docker.storage.volume).to.equal('state');
  });

  it("may be devicemapper's device, without a volume", () => {
    const text = 'volumes: {}\ndocker: {storage: {driver: devicemapper, device: /dev/vdb, volume: none}}\n';
    expect(load({ 'dock0.yaml': text }).base.docker.storage.device).to.equal('/dev/vdb');
  });

  it('is never the read-only root', () => {
    const on =
      'volumes:\n  data: {label: data, path: /srv}\n  docker: {label: docker, path: /var/lib/docker}\n';
    const storage = (text: string, volumes = on): string[] =>
      problemsOf({ 'dock0.yaml': `${volumes}docker:\n  storage: ${text}\n` });
    const expected = 'docker.storage.volume: expected one of `volumes` that holds /var/lib/docker';
    expect(storage('{volume: data}')).to.deep.equal([
      `dock0.yaml:5:21: ${expected} (docker), found "data": it is mounted on /srv, so the data would be on the read-only root`,
    ]);
    expect(storage('{volume: dokcer}')).to.deep.equal([
      `dock0.yaml:5:21: ${expected} (docker), found "dokcer": there is no such volume, so the data would be on the read-only root; did you mean docker?`,
    ]);
    expect(storage('{driver: vfs}', 'volumes:\n  data: {label: data, path: /srv}\n')).to.deep.equal([
      `dock0.yaml:1:1: ${expected}, found the default, "docker": there is no such volume, so the data would be on the read-only root`,
    ]);
    const device = 'docker.storage.volume: expected a volume, or driver devicemapper with a device';
    for (const text of [
      '{volume: none}',
      '{volume: none, driver: devicemapper}',
      '{volume: none, driver: btrfs}',
    ]) {
      expect(storage(text), text).to.deep.equal([
        `dock0.yaml:5:21: ${device}, found none: the data would be on the read-only root`,
      ]);
    }
    expect(storage('{device: /dev/vdb}')).to.deep.equal([
      'dock0.yaml:5:21: docker.storage.device: expected only with driver devicemapper, found driver auto',
    ]);
  });

  it('does not matter in an image without Docker', () => {
    const text = 'volumes: {}\ndocker: {enabled: false}\n';
    expect(load({ 'dock0.yaml': text }).base.docker.enabled).to.equal(false);
  });
});

describe('keys that have to agree', () => {
  afterEach(cleanUp);

  it('name a volume and the place for writes in exactly one way', () => {
    const text =
      'volumes:\n  docker: {label: docker, uuid: 0a1b2c3d-0001-4002-8003-0a1b2c3d4e5f, path: /var/lib/docker}\n  data: {path: /srv}\n  nowhere: {label: x}\ninstall: {cow: {}}\n';
    expect(problemsOf({ 'dock0.yaml': text })).to.deep.equal([
      'dock0.yaml:4:3: volumes.nowhere.path: expected an absolute path in the image, found nothing',
      'dock0.yaml:5:11: install.cow: expected exactly one of label, uuid, device, found none of them',
    ]);
    expect(problemsOf({ 'dock0.yaml': text.replace('  nowhere: {label: x}\n', '') })).to.deep.equal([
      'dock0.yaml:2:33: volumes.docker.uuid: expected exactly one of label, uuid, device, found label and uuid; null removes what a lower file sets',
      'dock0.yaml:3:3: volumes.data: expected exactly one of label, uuid, device, found none of them',
      'dock0.yaml:4:11: install.cow: expected exactly one of label, uuid, device, found none of them',
    ]);
    expect(load({ 'dock0.yaml': 'install: {cow: {label: state}}\n' }).base.install.cow).to.deep.equal({
      label: 'state',
    });
  });

  it('name exactly one source of a kernel to build, or the image of an existing one', () => {
    const kernel = (text: string): string[] => problemsOf({ 'dock0.yaml': `kernel:\n  ${text}\n` });
    const one = 'expected exactly one of version, url, file, directory, debian, found';
    expect(kernel('provider: source')).to.deep.equal([`dock0.yaml:1:1: kernel.source: ${one} none of them`]);
    expect(kernel('{provider: source, source: {version: longterm, debian: linux-source-6.1}}')).to.deep.equal(
      [
        `dock0.yaml:2:58: kernel.source.debian: ${one} version and debian; null removes what a lower file sets`,
      ],
    );
    expect(kernel('provider: file')).to.deep.equal([
      'dock0.yaml:1:1: kernel.file: expected a kernel image, found nothing: provider file needs one',
    ]);
    expect(
      kernel('{provider: source, source: {url: "http://x/l.tar.xz", signature: "http://x/l.tar.sign"}}'),
    ).to.deep.equal([
      'dock0.yaml:2:22: kernel.source.keys: expected the keys to check the signature with, found none',
    ]);
  });

  it('set no checksum, signature or keys for a source that has none', () => {
    const kernel = (source: string): string[] =>
      problemsOf({
        'dock0.yaml': `kernel:\n  provider: source\n  source:\n    ${source}\n`,
        'key.asc': '',
        'linux/Makefile': '',
      });
    const beside = 'expected only with version, url or file, found';
    const apt = "apt verifies the package with the distribution's signed lists";
    expect(kernel(`debian: linux-source-6.1\n    sha256: ${'ab'.repeat(32)}`)).to.deep.equal([
      `dock0.yaml:5:13: kernel.source.sha256: ${beside} debian: ${apt}`,
    ]);
    const folder = 'a folder has neither checksum nor signature';
    expect(
      kernel('directory: linux\n    signature: "http://x/l.tar.sign"\n    keys: [key.asc]'),
    ).to.deep.equal([
      `dock0.yaml:5:16: kernel.source.signature: ${beside} directory: ${folder}`,
      `dock0.yaml:6:5: kernel.source.keys: ${beside} directory: ${folder}`,
    ]);
  });

  it('keep the compression level in the range of the compressor', () => {
    expect(problemsOf({ 'dock0.yaml': 'squash: {compression: gzip, level: 15}\n' })).to.deep.equal([
      'dock0.yaml:1:36: squash.level: expected a whole number from 1 to 9 for gzip, found the number 15',
    ]);
    expect(load({ 'dock0.yaml': 'squash: {level: 22}\n' }).base.squash.level).to.equal(22);
  });

  it('set no compression level where the compressor has none', () => {
    const files = {
      'low.yaml': 'squash: {level: 15}\n',
      'dock0.yaml':
        'include: low.yaml\nsquash: {compression: xz}\ninitramfs: {compression: none, level: 9}\n',
    };
    expect(problemsOf(files)).to.deep.equal([
      'dock0.yaml:3:39: initramfs.level: expected no level for none, found the number 9; null removes what a lower file sets',
      'low.yaml:1:17: squash.level: expected no level for xz, found the number 15; null removes what a lower file sets',
    ]);
    const without = 'include: low.yaml\nsquash: {compression: xz, level: ~}\n';
    expect(load({ ...files, 'dock0.yaml': without }).base.squash.compression).to.equal('xz');
  });

  it('name existing steps in build hooks', () => {
    const text = 'hooks: {pre-sqash: [], before: [], post-boot: []}\n';
    const steps = ['squash', 'kernel'];
    expect(problemsOf({ 'dock0.yaml': text }, { steps })[0]).to.equal(
      'dock0.yaml:1:9: hooks.pre-sqash: expected pre- or post- and the name of a step, found "pre-sqash"; did you mean pre-squash?',
    );
    expect(problemsOf({ 'dock0.yaml': text }, { steps })).to.have.length(3);
    const { hooks } = load({ 'dock0.yaml': 'hooks: {post-boot: []}\n' }, { steps: ['boot'] }).base;
    expect(hooks).to.deep.equal({ 'post-boot': [] });
  });
});

describe('the builder of the initramfs', () => {
  afterEach(cleanUp);

  it('is mkinitcpio only for a distribution that has it', () => {
    const text = (distribution: string): string =>
      `distribution: ${distribution}\ninitramfs:\n  builder: mkinitcpio\n`;
    expect(load({ 'dock0.yaml': text('arch') }).base.initramfs.builder).to.equal('mkinitcpio');
    expect(problemsOf({ 'dock0.yaml': text('debian') })).to.deep.equal([
      'dock0.yaml:3:12: initramfs.builder: expected dock0, found mkinitcpio, which debian does not have',
    ]);
  });
});

describe('the sources of packages', () => {
  afterEach(cleanUp);
  const problems = (text: string): string[] => problemsOf({ 'dock0.yaml': text });

  it('have signature levels that pacman knows', () => {
    expect(
      problems(
        'distribution: arch\npacman:\n  sig_level: Requird DatabaseOptional\n  repositories:\n' +
          '    - {name: own, server: "http://x", sig_level: sometimes}\n',
      ),
    ).to.deep.equal([
      'dock0.yaml:3:14: pacman.sig_level: expected words of a SigLevel, found "Requird"; did you mean Required?',
      'dock0.yaml:5:50: pacman.repositories.0.sig_level: expected words of a SigLevel, found "sometimes"; known: Never, Optional, Required, TrustedOnly, TrustAll',
    ]);
    const levels = 'distribution: arch\npacman: {sig_level: Required DatabaseNever PackageTrustedOnly}\n';
    expect(load({ 'dock0.yaml': levels }).base.pacman.sig_level).to.contain('PackageTrustedOnly');
  });

  it('are addresses that the distribution can use', () => {
    const arch = 'distribution: arch\npackages: [base]\n';
    expect(problems(`${arch}mirror: "htp://x/$repo"\n`)).to.deep.equal([
      'dock0.yaml:3:9: mirror.0: expected an http, https or file URL, found "htp://x/$repo"; did you mean http://x/$repo?',
    ]);
    expect(problems(`${arch}mirror: ["http://x", "deb http://x y main"]\n`)).to.deep.equal([
      'dock0.yaml:3:22: mirror.1: expected an http, https or file URL, found "deb http://x y main"; a line of sources.list is Debian\'s',
    ]);
    const debian = 'distribution: debian\n';
    expect(problems(`${debian}mirror: htps://x\n`)).to.deep.equal([
      'dock0.yaml:2:9: mirror.0: expected a URL, found "htps://x"; did you mean https://x?',
    ]);
    for (const mirror of ['"deb http://x y main"', 'tor+https://x', 'ftp://x', 'file:///srv']) {
      expect(load({ 'dock0.yaml': `${debian}mirror: [${mirror}]\n` }).base.mirror).to.have.length(1);
    }
  });

  it('are from a valid day that is not in the future', () => {
    expect(problems('distribution: arch\npacman: {snapshot: 2026-02-31}\n')).to.deep.equal([
      'dock0.yaml:2:20: pacman.snapshot: expected a date such as 2026-11-01, found 2026-02-31, which is not a valid date',
    ]);
    expect(problems('distribution: arch\npacman: {snapshot: 2999-01-01}\n')).to.deep.equal([
      'dock0.yaml:2:20: pacman.snapshot: expected a day that the archive has, found 2999-01-01, which is in the future',
    ]);
    expect(
      load({ 'dock0.yaml': 'distribution: arch\npacman: {snapshot: 2024-02-29}\n' }).base.pacman.snapshot,
    ).to.equal('2024-02-29');
  });

  it('have no backports on Arch, also where it is the build host that is of Arch', () => {
    const cwd = workspace({ 'dock0.yaml': 'backports: true\n' });
    const { finish } = readConfig({ cwd, env: {}, platforms: { names: ['arch', 'debian'], host: 'arch' } });
    expect(finish(new Map([['arch', platformOf(arch)]])).warnings).to.include(
      "dock0.yaml:1:12: backports: has no effect: backports are Debian's, and the image is of arch",
    );
  });
});
