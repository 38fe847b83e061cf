import { writeFileSync } from 'node:fs';
import { expect } from 'chai';
import { writeImage } from '../helpers/container-image';
import { type GulpResult, gulp, PROJECT, workFolder } from '../helpers/gulp';
import { type Registry, startRegistry } from '../helpers/registry';
import { passedDetail, reportOf } from '../helpers/verified';

/**
 * One host for much that has to boot: a release that may be newer than the build host comes from the host's mirror, the
 * example's containers and those of a file of Compose run, and images are in the store of containerd.
 */
describe('configs/hosts/example.yaml on trixie, with Compose, and images in the store of containerd', () => {
  const work = workFolder();
  let registry: Registry;
  let image = '';
  before(async () => {
    registry = await startRegistry(work.path());
    image = `${registry.address}/library/busybox:1.37`;
    writeImage(work.path('image.tar'), ['busybox:1.37']);
    await registry.push(work.path('image.tar'), 'library/busybox:1.37');
    writeFileSync(
      work.path('key.pub'),
      'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAICoVS+XZw2zOvRH+vA2WGnO+QaNoBn7gnZ6ah3eRcLZM me\n',
    );
    const services = {
      page: { image, restart: 'always', ports: ['8080:80'] },
      once: { image, command: ['echo', 'done'] },
      asked: { image: 'registry.invalid/none:1', profiles: ['asked'] },
    };
    writeFileSync(work.path('compose.yaml'), JSON.stringify({ services }));
    writeFileSync(
      work.path('compose-host.yaml'),
      `release: trixie
packages: !append [docker-compose]
compose: ./compose.yaml
docker: {daemon: {features: {containerd-snapshotter: true}}}
verify: {network: none, timeout: 1200, boots: 1}
`,
    );
  });
  const task = (name: string, ...through: string[]): Promise<GulpResult> =>
    gulp(
      [
        name,
        '--host',
        'example',
        '--config',
        `${PROJECT}/configs/default.yaml`,
        '--config',
        'compose-host.yaml',
      ],
      {
        cwd: work.path(),
        through,
        env: { EXAMPLE_IMAGE: image, EXAMPLE_KEY: work.path('key.pub') },
      },
    );

  it('is built, and runs its containers, with their image in the release and no network', async () => {
    const built = await task('build');
    expect(built.code, built.output).to.equal(0);
    await registry.stop();
    const { code, output } = await task(
      'verify',
      ...['unshare', '--net', '--', 'sh', '-c', 'ip link set lo up && exec "$@"', 'sh'],
    );
    expect(code, output).to.equal(0);
    const [boot] = reportOf(work.path('build/example')).boots;
    if (boot === undefined) expect.fail(output);
    for (const name of ['runs:web', 'runs:clock', 'resolver', 'identity', 'units'])
      expect(passedDetail(boot, name), `${name}: ${output}`).to.not.equal(undefined);
    expect(passedDetail(boot, 'service:page'), output).to.match(/^since /);
    expect(passedDetail(boot, 'service:once'), output).to.equal('ended with 0');
    expect(passedDetail(boot, 'docker-data'), output).to.match(
      /^\/var\/lib\/docker on \S+ \/var\/lib\/docker\/containerd-root on \/dev\//,
    );
    expect(boot.versions.systemd).to.match(/^257/);
    console.log(`      ${JSON.stringify(boot.versions)}`);
  });
});
