import { mkdirSync, writeFileSync } from 'node:fs';
import { expect } from 'chai';
import { mapContainers } from '../../../lib/import/containers';
import { testFolder } from '../../helpers/folder';

describe('importing containers', () => {
  const folder = testFolder();
  const map = (stated: Parameters<typeof mapContainers>[0]) =>
    mapContainers(stated, { folder: folder.path(), overlay: './overlay', written: (path) => `./${path}` });

  it('maps images, ports, volumes, and variables that are in the overlay', () => {
    mkdirSync(folder.path('overlay/etc/docker'), { recursive: true });
    writeFileSync(folder.path('overlay/etc/docker/names'), 'A=1\n');
    const { keys, notes } = map([
      {
        name: 'registry.example:5000/some/dns:2',
        service: 'names',
        external_ports: [
          { internal: 53, protocol: 'udp' },
          { internal: 80, external: 8080 },
        ],
        volumes: ['/srv/dns:/data'],
        envfile: true,
      },
      { name: 'some/web:1' },
    ]);
    expect(keys.containers).to.deep.equal({
      names: {
        image: 'registry.example:5000/some/dns:2',
        ports: ['53:53/udp', '8080:80'],
        volumes: ['/srv/dns:/data'],
        env_file: './overlay/etc/docker/names',
      },
      web: { image: 'some/web:1' },
    });
    expect(notes).to.have.length(1);
  });

  it('notes what it does not carry over', () => {
    const { keys, notes } = map([{ name: 'a/web', envfile: true, dns: '1.1.1.1' }, { name: 'b/web' }, 'x']);
    expect(keys.containers).to.deep.equal({ web: { image: 'a/web' } });
    expect(notes.slice(0, 4)).to.deep.equal([
      'containers.web.envfile: there is no overlay/etc/docker/web; state env_file',
      'containers.web.dns: not carried over: "1.1.1.1"',
      'containers: not carried over, since another one is named web: {"name":"b/web"}',
      'containers: not carried over, since it names no image: "x"',
    ]);
    expect(map({ web: 1 }).notes).to.deep.equal(['containers: not carried over, since it is not a list']);
    expect(map(undefined)).to.deep.equal({ keys: {}, notes: [] });
  });
});
