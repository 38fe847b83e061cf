import {
  appendFileSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { RELEASES_START } from '../../lib/install/layout';
import { run } from '../../lib/system/process';
import { currentId, FIXTURES, gulp, SHARED_CACHE, stepsThatRan, workFolder } from '../helpers/gulp';
import { leftovers } from '../helpers/leftovers';

const SMALL = join(FIXTURES, 'small.yaml');

describe('gulp build of a small root', () => {
  const work = workFolder();
  const build = async (...args: string[]): Promise<string> => {
    const { code, output } = await gulp(['build', '--config', SMALL, '--config', 'own.yaml', ...args], {
      cwd: work.path(),
    });
    expect(code, output).to.equal(0);
    return output;
  };
  const contents = async (layer: string): Promise<string> => {
    const file = work.path(`build/small/current/layers/${layer}.squashfs`);
    return (await run('unsquashfs', ['-lls', '-d', '', file])).stdout;
  };

  before(async () => {
    mkdirSync(work.path('overlay/etc'), { recursive: true });
    mkdirSync(work.path('templates/etc'), { recursive: true });
    mkdirSync(work.path('scripts'));
    writeFileSync(work.path('overlay/etc/motd'), 'hello\n');
    writeFileSync(work.path('templates/etc/issue.ejs'), 'This is <%= hostname %>\n');
    writeFileSync(
      work.path('scripts/10-note'),
      '#!/bin/sh\ntest -s "$DOCK0_CONFIG" && echo "$SOURCE_DATE_EPOCH" > "$DOCK0_ROOT/etc/note"\n',
      { mode: 0o755 },
    );
    writeFileSync(
      work.path('own.yaml'),
      `overlay: ./overlay
templates: ./templates
scripts: ./scripts
permissions: {/etc/motd: {mode: '0640', owner: 'root:adm'}}
commands: {chroot: ['rm /etc/issue.net', [touch, '/etc/from chroot']], host: ['touch "$DOCK0_ROOT/etc/from-host"']}
cleanup: {users: [games], paths: ['/usr/share/doc/*'], packages: [netbase]}
`,
    );
    await build();
  });

  it('leaves a complete release whose checksums match', async () => {
    const release = work.path('build/small/current');
    await run('sha256sum', ['--check', '--strict', '--quiet', 'SHA256SUMS'], { cwd: release });
    const manifest = JSON.parse(readFileSync(join(release, 'manifest.json'), 'utf8'));
    expect(manifest.release).to.equal(currentId(work.path()));
    const names = manifest.packages.map(({ name }: { name: string }) => name);
    // Installed, and removed by cleanup.packages.
    expect(names).to.include('base-files').and.not.include('netbase');
    expect(manifest.packages.map(({ name }: { name: string }) => name)).to.include('dpkg');
    expect(manifest.kernel.version).to.match(/^6\.\d+/);
    expect(JSON.stringify(manifest)).to.not.contain(work.path());
  });

  it('has nothing of what `exclude` names, and neither perl nor apt', async () => {
    const packages = await contents('10-packages');
    expect(packages).to.match(/\/usr\/share\/doc\/tar\/copyright$/m);
    expect(packages).not.to.match(/\/usr\/share\/(man|locale)\/.|\/usr\/share\/doc\/tar\/changelog/);
    expect(packages).to.match(/\/usr\/bin\/dpkg$/m);
    expect(packages).not.to.match(/\/usr\/bin\/apt-get$|\/usr\/share\/perl\/|\/usrmerge/m);
    expect(packages).to.match(/ \/bin -> usr\/bin$/m);
  });

  it('names the release and its own file system, so that no other with the same label is booted', async () => {
    const release = work.path('build/small/current');
    const words = readFileSync(join(release, 'cmdline'), 'utf8');
    expect(words).to.match(
      new RegExp(`dock0.root=LABEL=dock0 dock0.release=current dock0.id=${currentId(work.path())}\n$`),
    );
    const image = `${join(release, 'disk.img')}?offset=${RELEASES_START}`;
    const { stdout: menu } = await run('debugfs', ['-R', 'cat boot/grub/grub.cfg', image]);
    const kernel = `/dock0/${currentId(work.path())}/vmlinuz`;
    expect(menu).to.contain(`search --no-floppy --file ${kernel} --set root;`);
    expect(menu).to.contain(`linux ${kernel} ${words.trim()} `);
  });

  it('puts every setting of the root into the layer of customize', async () => {
    const listing = await contents('30-custom');
    expect(listing).to.match(/^-rw-r----- root\/adm +6 .*\/etc\/motd$/m);
    for (const file of ['issue', 'note', 'from-host', 'from chroot'])
      expect(listing).to.match(new RegExp(`/etc/${file}$`, 'm'));
    expect(listing).to.match(/^c--------- root\/root +0, +0 .*\/etc\/issue\.net$/m);
    expect(listing).to.match(/^c--------- .*\/etc\/services$/m);
  });

  it('removes what `cleanup` names', async () => {
    const passwd = (
      await run('unsquashfs', [
        '-cat',
        work.path('build/small/current/layers/30-custom.squashfs'),
        'etc/passwd',
      ])
    ).stdout;
    expect(passwd).to.contain('root:').and.not.contain('games:');
    expect(await contents('30-custom')).to.match(/^c--------- .*\/usr\/share\/doc\/tar$/m);
  });

  it('locks the password of root', async () => {
    // Without the package passwd there is no other file of passwords.
    const { stdout } = await run('unsquashfs', [
      ...['-cat', work.path('build/small/current/layers/30-custom.squashfs'), 'etc/passwd'],
    ]);
    expect(stdout).to.match(/^root:\*:/m);
    expect(await contents('10-packages')).not.to.match(/\/etc\/shadow$/m);
  });

  it('leaves nothing of this machine in the layers', async () => {
    const packages = await contents('10-packages');
    expect(packages).to.not.match(/\/etc\/(resolv\.conf|hostname)$/m);
    expect(packages).to.not.match(/ssh_host_|\/var\/log\/dpkg\.log|\/etc\/shadow-/);
    const { stdout } = await run('unsquashfs', [
      '-cat',
      work.path('build/small/current/layers/30-custom.squashfs'),
      'etc/note',
    ]);
    expect(Number(stdout)).to.be.greaterThan(1_500_000_000);
  });

  it('runs no step when nothing changed', async () => {
    expect(stepsThatRan(await build())).to.deep.equal([]);
  });

  it('runs only the steps that depend on a changed overlay file, and names the file', async () => {
    const before = currentId(work.path());
    appendFileSync(work.path('overlay/etc/motd'), `again at ${Date.now()}\n`);
    const output = await build('--explain');
    expect(output).to.match(/overlay\/etc\/motd changed: [0-9a-f]{8}… -> [0-9a-f]{8}…/);
    expect(stepsThatRan(output)).to.deep.equal([
      'customize',
      'host',
      'install',
      'squash:custom',
      'squash:host',
    ]);
    expect(currentId(work.path())).to.not.equal(before);
  });

  it('names the package that was added', async () => {
    const { code, output } = await gulp(
      ['build', '--config', SMALL, '--set', 'packages=[netbase, kmod]', '--explain', '--dry-run'],
      {
        cwd: work.path(),
      },
    );
    expect(code, output).to.equal(0);
    expect(output).to.match(/packages\.kmod: absent -> \S+ amd64/);
  });

  it('makes nothing for a list of sizes that is a dry run', async () => {
    const before = currentId(work.path());
    const set = ['--config', SMALL, '--set', 'hostname=other.example'];
    const { code, output } = await gulp(['doctor', '--sizes', '--dry-run', ...set], { cwd: work.path() });
    expect(code, output).to.equal(0);
    expect(output)
      .to.match(/^install +would run/m)
      .and.to.not.match(/ MiB /);
    expect(stepsThatRan(output)).to.deep.equal([]);
    expect(currentId(work.path())).to.equal(before);
  });

  it('gives the same bytes with the image backend as with the overlay backend', async () => {
    const overlay = currentId(work.path());
    const output = await build(
      '--set',
      'fs.backend=image',
      '--set',
      'fs.size=2G',
      '--force',
      'pacstrap',
      '--output',
      'build-image',
    );
    expect(stepsThatRan(output)).to.include.members(['pacstrap', 'customize']);
    const image = JSON.parse(readFileSync(work.path('build-image/small/current/manifest.json'), 'utf8'));
    expect(image.release).to.equal(overlay);
  });

  it('packs one squashfs with the layout single', async () => {
    await build('--set', 'squash.layout=single', '--output', 'build-single');
    const file = work.path('build-single/small/current/layers/10-root.squashfs');
    const listing = (await run('unsquashfs', ['-ls', '-d', '', file])).stdout;
    expect(listing)
      .to.match(/^\/etc\/motd$/m)
      .and.not.match(/^\/etc\/issue\.net$/m);
  });

  it('keeps the configured number of releases', async () => {
    for (const text of ['1', '2', '3']) {
      writeFileSync(work.path('overlay/etc/motd'), text);
      await build('--set', 'install.releases=2', '--set', 'install.target=directory');
    }
    expect((await run('ls', [work.path('build/small/releases')])).stdout.split('\n')).to.have.length(2);
    expect(existsSync(work.path('build/small/current/manifest.json'))).to.equal(true);
  });

  it('makes a small layer for each host and shares all other layers', async () => {
    mkdirSync(work.path('configs/hosts'), { recursive: true });
    for (const name of ['web', 'db']) {
      mkdirSync(work.path(`${name}-overlay/etc`), { recursive: true });
      writeFileSync(work.path(`${name}-overlay/etc/role`), name);
      writeFileSync(work.path(`configs/hosts/${name}.yaml`), `overlay: ../../${name}-overlay\n`);
    }
    await build('--host', 'web', '--host', 'db');
    const inode = (name: string): number =>
      lstatSync(work.path(`build/${name}/current/layers/10-packages.squashfs`)).ino;
    expect(inode('web')).to.equal(inode('db'));
    for (const name of ['web', 'db']) {
      const cat = async (file: string): Promise<string> =>
        (await run('unsquashfs', ['-cat', work.path(`build/${name}/current/layers/40-host.squashfs`), file]))
          .stdout;
      expect(await cat('etc/role')).to.equal(name);
      expect(await cat('etc/hostname')).to.equal(name);
      expect(await cat('etc/issue')).to.equal(`This is ${name}`);
      expect(lstatSync(work.path(`build/${name}/current/layers/40-host.squashfs`)).size).to.be.lessThan(
        1 << 20,
      );
    }
  });

  it('refuses an overlay that would write outside of the image', async () => {
    mkdirSync(work.path('evil/trap'), { recursive: true });
    mkdirSync(work.path('evil-link'), { recursive: true });
    symlinkSync('/nowhere/outside', work.path('evil-link/trap'));
    writeFileSync(work.path('evil/trap/file'), '');
    const { code, output } = await gulp(
      ['customize', '--config', SMALL, '--set', 'overlay=[evil-link, evil]'],
      { cwd: work.path() },
    );
    expect(code).to.equal(1);
    expect(output).to.contain("evil/trap can't be put into the image: /trap is a link to /nowhere/outside");
  });

  it('runs build hooks before and after a step, and the step again when a hook changes', async () => {
    const hook = (text: string): void =>
      writeFileSync(work.path('hook'), `#!/bin/sh\n${text}\n`, { mode: 0o755 });
    const rootfs = (): Promise<{ code: number | null; output: string }> =>
      gulp(['rootfs', '--config', SMALL, '--set', 'hooks={post-rootfs: [./hook]}'], { cwd: work.path() });
    hook('echo "$DOCK0_STEP" > "$DOCK0_OUT/mark"');
    const first = await rootfs();
    expect(first.code, first.output).to.equal(0);
    expect(stepsThatRan((await rootfs()).output)).to.deep.equal([]);
    hook(`echo ${Date.now()}; exit 3`);
    const failed = await rootfs();
    expect(failed.code).to.equal(1);
    expect(failed.output)
      .to.match(/hook hook changed: .*\n/)
      .and.match(/rootfs: .*hook failed with exit code 3/);
  });

  it('leaves no mount, loop device, process or work folder behind', async () => {
    expect(await leftovers(work.path(), SHARED_CACHE)).to.deep.equal([]);
  });
});
