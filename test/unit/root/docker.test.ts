import { expect } from 'chai';
import { Dock0Error } from '../../../lib/error';
import { checkDocker, dockerFiles, dockerOf } from '../../../lib/root/docker';
import { cleanUp, load } from '../config/workspace';

const docker = (text = '{}') => load({ 'dock0.yaml': `docker: ${text}\n` }).base.docker;
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
  const daemon = (text: string, version: string): Record<string, unknown> => {
    const file = dockerFiles(docker(text), having(version)).find(
      ({ path }) => path === 'etc/docker/daemon.json',
    );
    return JSON.parse(file?.kind === 'file' ? String(file.content) : '');
  };

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
    const files = dockerFiles(docker('{storage: {path: /var/lib/docker/data}}'), having('29.0.0'));
    const unit = files.find(({ path }) => path === 'etc/systemd/system/containerd.service.d/dock0.conf');
    expect(unit).to.have.property(
      'content',
      '[Service]\nExecStart=\nExecStart=/usr/bin/containerd --root /var/lib/docker/data/containerd-root\n',
    );
  });
});
