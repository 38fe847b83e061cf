import { existsSync, writeFileSync } from 'node:fs';
import { expect } from 'chai';
import { writeImage } from '../helpers/container-image';
import { type GulpResult, gulp, PROJECT, stepsThatRan, workFolder } from '../helpers/gulp';
import { type Registry, startRegistry } from '../helpers/registry';
import { passedDetail, reportOf } from '../helpers/verified';

/** The example's host, on the kernel of one's own: what has to boot is built once. */
describe('configs/dock0.yaml, the host with a kernel of its own, and configs/hosts/example.yaml on top', () => {
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
        `${PROJECT}/configs/dock0.yaml`,
        '--set',
        'verify.network=none',
        '--set',
        'verify.timeout=1200',
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

  it('is compiled without modules, and runs the containers of the example, with their image in the release and no network', async () => {
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
    expect(boots[0]?.versions.kernel).to.match(/^6\.1\.\d+-dock0$/);
    expect(existsSync(work.path('build/example/current/layers/20-modules.squashfs'))).to.equal(false);
  });

  it('has all that Docker needs of a kernel', async () => {
    const { code, output } = await task('kernel:check');
    expect(code, output).to.equal(0);
  });

  it('is not compiled again when nothing changed', async () => {
    const { code, output } = await task('kernel');
    expect(code, output).to.equal(0);
    expect(stepsThatRan(output)).to.deep.equal([]);
  });
});
