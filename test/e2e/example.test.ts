import { writeFileSync } from 'node:fs';
import { expect } from 'chai';
import { writeImage } from '../helpers/container-image';
import { type GulpResult, gulp, PROJECT, workFolder } from '../helpers/gulp';
import { type Registry, startRegistry } from '../helpers/registry';
import { passedDetail, reportOf } from '../helpers/verified';

describe('configs/hosts/example.yaml, on top of the default configuration', () => {
  const work = workFolder();
  let registry: Registry;
  before(async () => {
    registry = await startRegistry(work.path());
    writeImage(work.path('image.tar'), ['busybox:1.37']);
    await registry.push(work.path('image.tar'), 'library/busybox:1.37');
    writeFileSync(
      work.path('key.pub'),
      'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAICoVS+XZw2zOvRH+vA2WGnO+QaNoBn7gnZ6ah3eRcLZM me\n',
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
        '--set',
        'verify.network=none',
        '--set',
        'verify.timeout=900',
      ],
      {
        cwd: work.path(),
        through,
        env: {
          EXAMPLE_IMAGE: `${registry.address}/library/busybox:1.37`,
          EXAMPLE_KEY: work.path('key.pub'),
        },
      },
    );

  it('is a host whose containers run without a network, with their image in the release', async () => {
    const built = await task('build');
    expect(built.code, built.output).to.equal(0);
    await registry.stop();
    const { code, output } = await task(
      'verify',
      ...['unshare', '--net', '--', 'sh', '-c', 'ip link set lo up && exec "$@"', 'sh'],
    );
    expect(code, output).to.equal(0);
    const { boots } = reportOf(work.path('build/example'));
    expect(boots).to.have.length(2);
    for (const boot of boots)
      for (const name of ['runs:web', 'runs:clock', 'resolver', 'identity', 'units'])
        expect(passedDetail(boot, name), `${name}: ${output}`).to.not.equal(undefined);
  });
});
