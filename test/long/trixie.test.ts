import { readFileSync, writeFileSync } from 'node:fs';
import { expect } from 'chai';
import type { VerifyReport } from '../../lib/vm/verify-report';
import { writeImage } from '../helpers/container-image';
import { gulp, PROJECT, workFolder } from '../helpers/gulp';
import { passedDetail } from '../helpers/verified';

describe('the default configuration with `release: trixie`, images in the store of containerd, and Compose', () => {
  const work = workFolder();

  before(() => {
    writeImage(work.path('web.tar'), ['web:1'], 'of the web');
    const services = {
      web: { image: 'web:1', restart: 'always', ports: ['8080:80'] },
      once: { image: 'web:1', command: ['echo', 'done'] },
      asked: { image: 'registry.invalid/none:1', profiles: ['asked'] },
    };
    writeFileSync(work.path('compose.yaml'), JSON.stringify({ services }));
    writeFileSync(
      work.path('compose-host.yaml'),
      'packages: !append [docker-compose]\ncompose: ./compose.yaml\nimages: [./web.tar]\n',
    );
  });

  it("passes verify: what is newer than the host comes from the host's mirror, and the images are on the volume", async () => {
    const keys = [
      'verify.timeout=1200',
      'name=trixie',
      'release=trixie',
      'docker.daemon.features.containerd-snapshotter=true',
    ];
    const set = keys.flatMap((key) => ['--set', key]);
    const files = [`${PROJECT}/configs/default.yaml`, 'compose-host.yaml'];
    const { code, output } = await gulp(['verify', ...files.flatMap((file) => ['--config', file]), ...set], {
      cwd: work.path(),
    });
    expect(code, output).to.equal(0);
    const { boots } = JSON.parse(
      readFileSync(work.path('build/trixie/current/verify.json'), 'utf8'),
    ) as VerifyReport;
    expect(boots).to.have.length(2);
    for (const boot of boots) {
      const { checks, versions } = boot;
      // Those of its file of Compose, with their image in the release.
      expect(passedDetail(boot, 'service:web'), output).to.match(/^since /);
      expect(passedDetail(boot, 'service:once')).to.equal('ended with 0');
      expect(versions.systemd).to.match(/^257/);
      const data = checks.find(({ name }) => name === 'docker-data')?.detail;
      expect(data).to.match(/^\/var\/lib\/docker on \S+ \/var\/lib\/docker\/containerd-root on \/dev\//);
    }
  });
});
