import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import type { VerifyReport } from '../../lib/vm/verify-report';
import { gulp, PROJECT, workFolder } from '../helpers/gulp';

describe('the default configuration with `release: trixie`, and images in the store of containerd', () => {
  const work = workFolder();

  it("passes verify: what is newer than the host comes from the host's mirror, and the images are on the volume", async () => {
    const keys = ['name=trixie', 'release=trixie', 'docker.daemon.features.containerd-snapshotter=true'];
    const set = keys.flatMap((key) => ['--set', key]);
    const { code, output } = await gulp(['verify', '--config', `${PROJECT}/configs/default.yaml`, ...set], {
      cwd: work.path(),
    });
    expect(code, output).to.equal(0);
    const { boots } = JSON.parse(
      readFileSync(work.path('build/trixie/current/verify.json'), 'utf8'),
    ) as VerifyReport;
    expect(boots).to.have.length(2);
    for (const { checks, versions } of boots) {
      expect(versions.systemd).to.match(/^257/);
      const data = checks.find(({ name }) => name === 'docker-data')?.detail;
      expect(data).to.match(/^\/var\/lib\/docker on \S+ \/var\/lib\/docker\/containerd-root on \/dev\//);
    }
  });
});
