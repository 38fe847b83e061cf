import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { expect } from 'chai';
import { run } from '../../lib/system/process';
import { withSandbox } from '../../lib/system/sandbox';
import { type ArchRepository, archRepository } from '../fixtures/arch/make-repo';
import { type Mirror, startMirror } from '../fixtures/arch/mirror';
import { mkinitcpioPackage } from '../fixtures/arch/mkinitcpio/package';
import { makeKey } from '../fixtures/arch/signing';
import { splitImage } from '../helpers/early-archive';
import {
  currentId,
  FIXTURES,
  type GulpResult,
  gulp,
  PROJECT,
  SHARED_CACHE,
  stepsThatRan,
  workFolder,
} from '../helpers/gulp';
import { leftovers } from '../helpers/leftovers';
import { membersOf } from '../helpers/newc';

/** The same in every run where it is free, so that the package lists of an earlier one are still this mirror's. */
const PORT = 18_766;

// The unit fails, and with it verify, unless the hooks did their part at boot.
const UNIT = `[Service]
Type=oneshot
ExecStart=/usr/bin/grep -q "of mine" /run/mine
ExecStart=/usr/bin/grep -q "without an install script" /run/bare
[Install]
WantedBy=multi-user.target
`;

describe("an initramfs of the root's own mkinitcpio", () => {
  const work = workFolder();
  let repository: ArchRepository;
  let mirror: Mirror;
  let image = '';
  let through: string[] = [];

  const gulpWith = (args: string[], ...more: string[]): Promise<GulpResult> => {
    const files = [join(PROJECT, 'configs/arch.yaml'), join(FIXTURES, 'arch/offline.yaml'), ...more];
    const server = `${mirror.origin}/${basename(repository.folder)}/$repo/os/$arch`;
    return gulp([...args, ...files.flatMap((file) => ['--config', file])], {
      cwd: work.path(),
      env: { ARCH_MIRROR: server, ARCH_KEY: repository.key },
      through,
    });
  };
  const task = (name: string, ...sets: string[]): Promise<GulpResult> =>
    gulpWith([...name.split(' '), ...sets.flatMap((set) => ['--set', set])], work.path('mine.yaml'));

  before(async () => {
    repository = await archRepository({ cache: SHARED_CACHE });
    mirror = await startMirror(dirname(repository.folder), PORT);
    const { file, key } = await withSandbox(run, async (sandbox) => {
      const signing = await makeKey('mine', work.path(), sandbox.run);
      const made = await mkinitcpioPackage(work.path(), sandbox.run);
      await signing.sign(made);
      return { file: made, key: signing.file };
    });
    mkdirSync(work.path('hooks'));
    mkdirSync(work.path('overlay/etc/systemd/system'), { recursive: true });
    const files = {
      'mine.yaml': `name: mine
packages: !append [mkinitcpio]
pacman: {local_packages: ['${file}'], keys: !append ['${key}']}
overlay: ./overlay
units: {enable: !append [hooks.service]}
initramfs: {builder: mkinitcpio, hooks: [base, keymap, bare, mine, dock0], hooks_dir: ./hooks}
verify: {timeout: 1200}
`,
      'overlay/etc/systemd/system/hooks.service': UNIT,
      'overlay/etc/vconsole.conf': 'KEYMAP=de\n',
      'hooks/mine': 'run_latehook() {\n  cat /etc/mine.conf >/run/mine\n}\n',
      'hooks/mine.install': 'build() {\n  add_file mine.conf /etc/mine.conf\n}\n',
      'hooks/mine.conf': 'a file of mine\n',
      'hooks/bare': 'run_hook() {\n  echo "without an install script" >/run/bare\n}\n',
      'hooks/broken.install': 'add_file /etc/nothing\nadd_module nonsense\n',
    };
    for (const [name, text] of Object.entries(files)) writeFileSync(work.path(name), text);
    const { code, output } = await task('build');
    expect(code, output).to.equal(0);
    image = work.path('build/mine/current/initramfs.img');
  });
  after(() => mirror.close());

  const archive = (unpack: string[] = ['zstd', '-dc']): Buffer =>
    execFileSync(unpack[0] as string, unpack.slice(1), {
      input: splitImage(readFileSync(image)).main,
      maxBuffer: 1 << 28,
    });
  const listing = (unpack?: string[]): string[] =>
    execFileSync('cpio', ['-t', '--quiet'], { input: archive(unpack), maxBuffer: 1 << 26 })
      .toString()
      .split('\n');
  const content = (path: string): string =>
    execFileSync('cpio', ['-i', '--quiet', '--to-stdout', path], { input: archive() }).toString();

  it('holds the hooks of the root, of the user and ours, the same file as in our own', () => {
    expect(listing()).to.include.members([
      'init',
      'hooks/keymap',
      'hooks/mine',
      'hooks/bare',
      'etc/mine.conf',
    ]);
    expect(content('hooks/dock0')).to.equal(readFileSync(join(PROJECT, 'hooks/dock0'), 'utf8'));
    expect(content('config')).to.match(
      /^HOOKS=" keymap bare dock0 dock0-trial dock0-disks dock0-partitions dock0-volumes dock0-clock"$/m,
    );
    expect(content('config')).to.match(/^LATEHOOKS=" mine dock0-state dock0-clock"$/m);
    expect(content('etc/dock0/timeout')).to.equal('30\n');
    expect(content('etc/dock0/volumes')).to.equal('docker\tLABEL=docker\t/var/lib/docker\text4\trw\n');
  });

  it('begins, as those of mkinitcpio do, with an archive that is not compressed', () => {
    const names = membersOf(splitImage(readFileSync(image)).early).map(({ path }) => path);
    expect(names).to.include('early_cpio');
  });

  it("sees the root's settings, and loads what reaching the root takes", () => {
    expect(content('etc/vconsole.conf')).to.equal('KEYMAP=de\n');
    const [, modules = ''] = /^MODULES="(.*)"$/m.exec(content('config')) ?? [];
    expect(modules.split(' ')).to.include.members(['virtio_blk', 'loop', 'squashfs', 'overlay']);
    expect(listing().join('\n')).to.match(/squashfs\.ko/);
  });

  it('leaves nothing of its making in the layers', async () => {
    const layers = readdirSync(work.path('build/mine/current/layers'));
    expect(layers).to.have.length(4);
    for (const layer of layers) {
      const file = work.path(`build/mine/current/layers/${layer}`);
      const { stdout } = await run('unsquashfs', ['-ls', '-d', '', file]);
      expect(stdout, layer).to.not.match(
        /dock0-initramfs|initcpio\/(hooks|install)\/(dock0|mine)|etc\/dock0/,
      );
    }
  });

  it('is not made again when nothing changed, and is the same when it is made again', async () => {
    const id = currentId(work.path(), 'mine');
    const again = await task('build');
    expect(again.code, again.output).to.equal(0);
    expect(stepsThatRan(again.output)).to.deep.equal([]);
    const bytes = readFileSync(image);
    // Whoever makes it: with a umask of their own.
    through = ['sh', '-c', 'umask 077 && exec "$@"', 'sh'];
    const forced = await task('build --force initramfs');
    through = [];
    expect(forced.code, forced.output).to.equal(0);
    expect(stepsThatRan(forced.output)).to.include('initramfs');
    expect(readFileSync(image).equals(bytes)).to.equal(true);
    expect(currentId(work.path(), 'mine')).to.equal(id);
  });

  it('boots, and runs the hooks and a container', async function () {
    this.timeout(3_000_000);
    // What outlives a reboot is tested with other hosts.
    const { code, output } = await task('verify', 'verify.boots=1');
    expect(code, output).to.equal(0);
    const report = JSON.parse(readFileSync(work.path('build/mine/current/verify.json'), 'utf8'));
    expect(report.passed).to.equal(true);
    expect(report.boots).to.have.length(1);
    expect(report.boots[0].milestones).to.include.keys('kernel', 'init', 'root mounted');
  });

  it('has the stated compression, and no modules where the kernel has none', async () => {
    const vmlinuz = join(work.path(), 'vmlinuz');
    writeFileSync(vmlinuz, readFileSync(work.path('build/mine/current/vmlinuz')));
    const kernel = ['kernel.provider=file', `kernel.file=${vmlinuz}`];
    for (const [compression, ...unpack] of [
      ['zstd', 'zstd', '-dc'],
      ['gzip', 'gzip', '-dc'],
      ['none', 'cat'],
    ] as const) {
      const { code, output } = await task('build', ...kernel, `initramfs.compression=${compression}`);
      expect(code, output).to.equal(0);
      const names = listing([...unpack]);
      expect(names, compression).to.include.members(['init', 'hooks/dock0']);
      expect(names.join('\n'), compression).to.not.contain('.ko');
    }
  });

  it('suggests a name for an unknown hook, and lists the known ones', async () => {
    const { code, output } = await task('initramfs', 'initramfs.hooks=[base, keymp, dock0]');
    expect(code, output).to.equal(1);
    expect(output).to.contain('initramfs.hooks: there is no hook "keymp"; did you mean "keymap"?');
    expect(output).to.contain(
      'Known hooks: base, dock0, dock0-clock, dock0-disks, dock0-partitions, dock0-state, dock0-trial, dock0-volumes, keymap;',
    );
    expect(output).to.not.match(/^\s+at .*:\d+:\d+\)?$/m);
  });

  it('is not made of hooks of which none mounts the root', async () => {
    const { code, output } = await task('initramfs', 'initramfs.hooks=[base, keymap]');
    expect(code, output).to.equal(1);
    expect(output).to.contain('initramfs.hooks: no hook mounts the root').and.contain('add "dock0"');
    expect(stepsThatRan(output)).to.deep.equal([]);
  });

  it("prints mkinitcpio's errors in one line", async () => {
    const { code, output } = await task('initramfs', 'initramfs.hooks=[base, broken, dock0]');
    expect(code, output).to.equal(1);
    expect(output).to.contain("mkinitcpio: file not found: '/etc/nothing'; module not found: 'nonsense'\n");
    expect(output).to.not.match(/^\s+at .*:\d+:\d+\)?$/m);
  });

  it('needs mkinitcpio in the root', async () => {
    const { code, output } = await gulpWith(['initramfs', '--set', 'initramfs.builder=mkinitcpio']);
    expect(code, output).to.equal(1);
    expect(output).to.contain('initramfs.builder: the root has no mkinitcpio');
    expect(output).to.contain('Add mkinitcpio to `packages`');
    expect(output).to.not.match(/^\s+at .*:\d+:\d+\)?$/m);
  });

  it('leaves nothing behind', async () => {
    expect(await leftovers(work.path(), work.path('cache'))).to.deep.equal([]);
  });
});
