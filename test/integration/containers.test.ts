import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { run } from '../../lib/system/process';
import { writeImage } from '../helpers/container-image';
import { stepsThatRan, workFolder } from '../helpers/gulp';
import { type Registry, startRegistry } from '../helpers/registry';
import { tinyHost } from '../helpers/tiny-host';

const DOCKER = {
  docker: { enabled: true },
  volumes: { docker: { label: 'docker', path: '/var/lib/docker' } },
};
const SECRET = 'a-secret-that-nobody-sees';

describe('containers of a host', () => {
  const work = workFolder();
  const host = tinyHost(work.path);
  const layers = (): string[] =>
    execFileSync('ls', [work.path('build/tiny/current/layers')], { encoding: 'utf8' })
      .trim()
      .split('\n');
  const modes = (layer: string): string =>
    execFileSync('unsquashfs', ['-lls', work.path(`build/tiny/current/layers/${layer}.squashfs`)], {
      encoding: 'utf8',
    });

  it('are units and definitions in the layer of the host', async () => {
    host.write('web.env', '# comment\nA=of the file\n');
    host.write('secret', `${SECRET}\n`, 0o600);
    host.write('compose.yaml', 'services: {web: {image: nginx}}\n');
    host.configure({
      ...DOCKER,
      secrets: { TOKEN: './secret' },
      compose: './compose.yaml',
      containers: {
        db: { image: 'db:1' },
        web: {
          image: 'web:1',
          ports: ['8080:80'],
          volumes: ['data:/data'],
          environment: { B: 'two words', C: 3 },
          env_file: ['./web.env'],
          secrets: { token: `$\{secret:TOKEN}` },
          networks: ['front', 'back'],
          command: ['sh', '-c', 'echo "a\\b"\nsleep 1\n'],
          restart: 'on-failure',
          user: '1000:1001',
          memory: '64M',
          read_only: true,
          depends_on: ['db'],
        },
      },
    });
    const { code, output } = await host.task(['install', '--verbose']);
    expect(code, output).to.equal(0);
    expect(output).to.not.contain(SECRET);
    const unit = await host.content('etc/systemd/system/dock0-container-web.service');
    expect(unit).to.match(/^After=docker.service dock0-container-db.service$/m);
    expect(unit).to.match(/^Restart=on-failure$/m);
    expect(await host.content('usr/lib/dock0/container')).to.match(/^#!\/bin\/sh/);
    const folder = 'usr/lib/dock0/containers/web';
    const words = (await host.content(`${folder}/arguments`)).trimEnd().split('\n');
    expect(words.slice(2)).to.deep.equal([
      ...['--restart', 'no', '--publish', '8080:80', '--volume', 'data:/data', '--mount'],
      'type=bind,source=/run/dock0/secrets/web/token,target=/run/secrets/token,readonly',
      ...['--env-file', `/${folder}/environment-0`, '--env-file', `/${folder}/environment-1`],
      ...['--network', 'front', '--user', '1000:1001', '--memory', '67108864', '--read-only'],
      ...['web:1', 'sh', '-c', 'echo "a\\\\b"\\nsleep 1\\n'],
    ]);
    expect(words[1]).to.match(/^dock0\.definition=[0-9a-f]{64}$/);
    expect(await host.content(`${folder}/environment-1`)).to.equal('B=two words\nC=3');
    expect(await host.content(`${folder}/secrets/token`)).to.equal(SECRET);
    expect(await host.content(`${folder}/owner`)).to.equal('1000:1001');
    expect(modes('40-host')).to.match(
      /^-rw------- root\/root .* squashfs-root\/usr\/lib\/dock0\/containers\/web\/secrets\/token$/m,
    );
    expect(modes('40-host')).to.match(/^drwx------ root\/root .*\/usr\/lib\/dock0\/containers$/m);
    expect(modes('40-host')).to.match(
      /multi-user.target.wants\/dock0-compose.service -> ..\/dock0-compose.service$/m,
    );
  });

  it('have secrets that are in no log, no record and no manifest', async () => {
    const found = await run('grep', ['-rl', '--include=*', SECRET, work.path('build'), work.path('cache')], {
      okCodes: [0, 1],
    });
    // The layer itself, before and after it is packed; here it is small, so that its text may be plain.
    const others = found.stdout
      .split('\n')
      .filter(
        (path) => path !== '' && !/\/layer\/usr\/lib\/dock0\/containers\/|\.squashfs$|disk\.img$/.test(path),
      );
    expect(others).to.deep.equal([]);
  });

  it('are made anew in the layer alone when one of them changes', async () => {
    const before = await host.content('usr/lib/dock0/containers/db/definition');
    host.configure({ ...DOCKER, containers: { db: { image: 'db:1', environment: { A: 1 } } } });
    const { code, output } = await host.task(['install']);
    expect(code, output).to.equal(0);
    expect(stepsThatRan(output)).to.deep.equal(['host', 'install', 'squash:host']);
    expect(await host.content('usr/lib/dock0/containers/db/definition')).to.not.equal(before);
    expect(await host.content('usr/lib/dock0/containers/web/definition')).to.equal('');
  });

  describe('with images in the release', () => {
    let registry: Registry;
    before(async () => {
      registry = await startRegistry(work.path());
    });
    after(() => registry.stop());

    const list = async (): Promise<string> => host.content('usr/lib/dock0/images/list');
    const web = (): string => `${registry.address}/a/web:1`;

    it('get them in a layer of their own: pulled, of an archive, and of a folder in the layout of OCI', async () => {
      const ids = [1, 2, 3].map((number) =>
        writeImage(work.path(`${number}.tar`), [`of:${number}`], `${number}`),
      );
      await registry.push(work.path('1.tar'), 'a/web:1');
      await run('skopeo', [
        'copy',
        '--quiet',
        `docker-archive:${work.path('3.tar')}`,
        `oci:${work.path('three')}:3`,
      ]);
      mkdirSync(work.path('a: b'));
      renameSync(work.path('three'), work.path('a: b/three'));
      host.configure({
        ...DOCKER,
        images: [web(), './2.tar', './a: b/three'],
        containers: { web: { image: web() } },
      });
      const { code, output } = await host.task(['install']);
      expect(code, output).to.equal(0);
      expect(layers()).to.include('15-images.squashfs');
      const lines = (await list()).split('\n').map((line) => line.split('\t'));
      expect(lines.map(([, file, name]) => [file, name])).to.deep.equal([
        ['00.tar', web()],
        ['01.tar', 'of:2'],
        ['02.tar', 'docker.io/library/three:3'],
      ]);
      expect(lines.map(([id]) => id).slice(0, 2)).to.deep.equal(ids.slice(0, 2));
      expect(await host.content('etc/systemd/system/dock0-container-web.service')).to.match(
        /^After=docker.service dock0-images.service$/m,
      );
      const again = await host.task(['install'], { through: ['unshare', '--net', '--'] });
      expect(again.code, again.output).to.equal(0);
      expect(stepsThatRan(again.output)).to.deep.equal([]);
    });

    it('get a newer one of the same tag after an update only', async () => {
      const before = await list();
      const id = writeImage(work.path('1.tar'), ['of:1'], 'newer');
      await registry.push(work.path('1.tar'), 'a/web:1');
      expect((await host.task(['install'])).code).to.equal(0);
      expect(await list()).to.equal(before);
      const update = await host.task(['update']);
      expect(update.code, update.output).to.equal(0);
      const { code, output } = await host.task(['install']);
      expect(code, output).to.equal(0);
      expect(await list()).to.contain(id);
    });

    it('have digests in the lock file, which names both where the registry has another one', async () => {
      host.configure({ ...DOCKER, lock: './dock0.lock', images: [web()] });
      const locked = await host.task(['lock']);
      expect(locked.code, locked.output).to.equal(0);
      const [, digest = ''] =
        /web:1: (sha256:[0-9a-f]{64})/.exec(readFileSync(work.path('dock0.lock'), 'utf8')) ?? [];
      expect(digest).to.match(/^sha256:/);
      expect((await host.task(['install'])).code).to.equal(0);
      await registry.forget();
      writeImage(work.path('1.tar'), ['of:1'], 'newest');
      await registry.push(work.path('1.tar'), 'a/web:1');
      // From the cache it needs none.
      expect((await host.task(['install'])).code).to.equal(0);
      const { code, output } = await host.task(['install', '--force', 'images']);
      expect(code).to.equal(1);
      expect(output).to.match(
        new RegExp(
          `images: \\S+/a/web:1 is to be ${digest}, which its registry does not have; it has sha256:[0-9a-f]{64}`,
        ),
      );
      expect(output).to.contain('`gulp update --package NAME` moves dock0.lock to it.');
      const moved = await host.task(['update', '--package', web()]);
      expect(moved.code, moved.output).to.equal(0);
      expect(moved.output).to.contain(digest);
      const after = await host.task(['install']);
      expect(after.code, after.output).to.equal(0);
    });

    it('are refused where the lock file lacks one, and where two have one name', async () => {
      host.configure({ ...DOCKER, lock: './dock0.lock', images: [web(), `${registry.address}/b:1`] });
      const lacking = await host.task(['install']);
      expect(lacking.output).to.match(/dock0\.lock: not what `images` requests: \S+\/b:1 was added/);
      writeImage(work.path('4.tar'), ['of:2'], 'other');
      host.configure({ ...DOCKER, images: ['./2.tar', './4.tar'] });
      const twins = await host.task(['install']);
      expect(twins.output).to.contain('images: two of them are named docker.io/library/of:2');
      host.configure({ ...DOCKER, lock: 'none', images: [`${registry.address}/none:1`] });
      const none = await host.task(['install']);
      expect(none.output, none.output).to.match(/images: \S+\/none:1 cannot be had: /);
      expect(existsSync(join(work.path(), 'cache/tmp'))).to.equal(true);
    });

    it('can all be one layer', async () => {
      host.configure({ ...DOCKER, squash: { layout: 'single' }, images: ['./2.tar'] });
      const { code, output } = await host.task(['install']);
      expect(code, output).to.equal(0);
      expect(layers()).to.deep.equal(['10-root.squashfs']);
      expect(await list()).to.match(/\t00\.tar\tof:2$/);
    });
  });
});
