import { expect } from 'chai';
import { Dock0Error } from '../../../lib/error';
import { checkDocker, dockerFiles, dockerOf } from '../../../lib/root/docker';
import { cleanUp, load } from '../config/workspace';

const config = (text = '{}', more = '') => load({ 'dock0.yaml': `docker: ${text}\n${more}` }).base;
const docker = (text = '{}') => config(text).docker;
const having = (version: string, name = 'docker.io') => [
  { name: 'containerd', version: '1' },
  { name, version },
];

describe('the Docker of an image', () => {
  afterEach(cleanUp);

  it('is known by its version', () => {
    expect(dockerOf(having('20.10.24+dfsg1-1+deb12u1+b6'))?.release).to.equal(20);
    expect(dockerOf(having('5:29.1.2-1~debian.13~trixie', 'docker-ce'))?.release).to.equal(29);
    expect(dockerOf(having('1:29.0.1-1', 'docker'))?.release).to.equal(29);
    expect(dockerOf([{ name: 'docker-cli', version: '28' }])).to.equal(undefined);
  });

  it('is refused with a storage driver that it has no more', () => {
    const check = (text: string, version: string) => () => checkDocker(docker(text), having(version));
    const mapper = '{storage: {driver: devicemapper}}';
    expect(check(mapper, '24.0.9-1')).not.to.throw();
    expect(check(mapper, '26.1.5+dfsg1-9')).to.throw(
      Dock0Error,
      'docker.storage.driver: docker.io 26.1.5+dfsg1-9 has no storage driver devicemapper: Docker 25 removed it',
    );
    expect(check('{storage: {driver: vfs}}', '29.0')).not.to.throw();
  });
});

describe("the settings of an image's Docker", () => {
  afterEach(cleanUp);
  const all = (text: string, version: string, more = ''): Record<string, unknown> => {
    const file = dockerFiles(config(text, more), having(version), '169.254.53.53').find(
      ({ path }) => path === 'etc/docker/daemon.json',
    );
    return JSON.parse(file?.kind === 'file' ? String(file.content) : '');
  };
  const daemon = (text: string, version: string): Record<string, unknown> => {
    const { 'log-driver': _, 'log-opts': __, dns: ___, ...others } = all(text, version);
    return others;
  };

  it('bound the logs of containers, unless another driver is stated', () => {
    expect(all('{}', '20', 'logs: {containers: {size: 1G, files: 2}}\n')).to.deep.include({
      'log-driver': 'local',
      'log-opts': { 'max-size': '1g', 'max-file': '2' },
    });
    const other = all('{daemon: {log-driver: journald}}', '20');
    expect(other).to.have.property('log-driver', 'journald');
    expect(other).not.to.have.property('log-opts');
  });

  it("send containers to the machine's resolver, unless others are stated", () => {
    expect(all('{}', '20').dns).to.deep.equal(['169.254.53.53']);
    expect(all('{daemon: {dns: [192.0.2.1]}}', '20').dns).to.deep.equal(['192.0.2.1']);
  });

  it('have a timer that tidies up, if one is wanted', () => {
    const paths = (more: string) =>
      dockerFiles(config('{}', more), having('20'), undefined).map(({ path }) => path);
    expect(paths('').filter((path) => path.includes('prune'))).to.deep.equal([]);
    expect(paths('prune: weekly\n').filter((path) => path.includes('prune'))).to.deep.equal([
      'etc/systemd/system/dock0-prune.service',
      'etc/systemd/system/dock0-prune.timer',
    ]);
  });

  it('name overlay2, until containerd has the images', () => {
    expect(daemon('{}', '28.5.2')).to.deep.equal({
      'data-root': '/var/lib/docker',
      'storage-driver': 'overlay2',
    });
    expect(daemon('{}', '29.0.0')).to.deep.equal({ 'data-root': '/var/lib/docker' });
    expect(daemon('{storage: {driver: overlay2}}', '29.0.0')).to.have.property('storage-driver', 'overlay2');
  });

  it("follow what is stated of containerd's store", () => {
    const stated = (value: boolean): string => `{daemon: {features: {containerd-snapshotter: ${value}}}}`;
    expect(daemon(stated(true), '26.1.5')).not.to.have.property('storage-driver');
    expect(daemon(stated(false), '29.0.0')).to.have.property('storage-driver', 'overlay2');
  });

  it("have containerd's data on Docker's volume", () => {
    const files = dockerFiles(config('{storage: {path: /var/lib/docker/data}}'), having('29.0.0'), undefined);
    const unit = files.find(({ path }) => path === 'etc/systemd/system/containerd.service.d/dock0.conf');
    expect(unit).to.have.property(
      'content',
      '[Service]\nExecStart=\nExecStart=/usr/bin/containerd --root /var/lib/docker/data/containerd-root\n',
    );
  });
});
