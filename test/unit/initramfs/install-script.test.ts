import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { type Installed, runInstallScript } from '../../../lib/initramfs/install-script';
import { type LineSink, run } from '../../../lib/system/process';

describe("a hook's install script", () => {
  let folder: string;
  let said: string[];
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'dock0 install '));
    said = [];
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const onLine: LineSink = (line) => said.push(line);
  const install = (script: string): Promise<Installed> => {
    writeFileSync(join(folder, 'mine.install'), script);
    const hook = {
      name: 'mine',
      folder,
      script: undefined,
      install: join(folder, 'mine.install'),
      builtin: false,
    };
    return runInstallScript(hook, {
      run: (command, args, options) => run(command, args, { ...options, onLine }),
      root: '/',
      kernelVersion: '6.1',
    });
  };
  const failure = (script: string): Promise<string> =>
    install(script).then(
      () => 'nothing failed',
      (error: Error) => error.message,
    );

  it('names files, folders, links and modules', async () => {
    writeFileSync(join(folder, 'my file'), 'x');
    const installed = await install(`
      add_file 'my file' /etc/mine 600
      add_dir /var/lib/mine 700
      add_symlink /etc/link "with a
line break"
      add_module dm_mod 'dm-crypt?'
    `);
    expect(installed).to.deep.equal({
      additions: [
        { kind: 'file', source: join(folder, 'my file'), path: '/etc/mine', mode: 0o600 },
        { kind: 'directory', path: '/var/lib/mine', mode: 0o700 },
        { kind: 'symlink', path: '/etc/link', target: 'with a\nline break' },
      ],
      modules: ['dm_mod'],
      optionalModules: ['dm-crypt'],
    });
  });

  it('may make its calls in a function build, as for mkinitcpio', async () => {
    const { modules } = await install(
      'build() {\n  add_module one\n  add_runscript\n}\nhelp() { echo no; }\n',
    );
    expect(modules).to.deep.equal(['one']);
  });

  it('adds a program with its libraries', async () => {
    const { additions } = await install('add_binary sh /usr/bin/my-shell\n');
    const paths = additions.map(({ path }) => path);
    expect(paths[0]).to.equal('/usr/bin/my-shell');
    expect(paths.join(' '))
      .to.match(/libc\.so\.6/)
      .and.to.match(/ld-linux/);
  });

  it('adds a script beside it as a program', async () => {
    mkdirSync(join(folder, 'tools'));
    writeFileSync(join(folder, 'tools/go'), '#!/bin/sh\n');
    expect((await install('add_binary tools/go /usr/bin/go\n')).additions).to.deep.equal([
      { kind: 'file', source: join(folder, 'tools/go'), path: '/usr/bin/go', mode: 0o755 },
    ]);
  });

  it('adds a folder with everything in it', async () => {
    mkdirSync(join(folder, 'tree/sub'), { recursive: true });
    writeFileSync(join(folder, 'tree/b'), '');
    writeFileSync(join(folder, 'tree/sub/a'), '');
    chmodSync(join(folder, 'tree/sub/a'), 0o700);
    symlinkSync('b', join(folder, 'tree/link'));
    const { additions } = await install('add_full_dir tree\n');
    expect(
      additions.map(({ path, ...rest }) => [path, 'mode' in rest ? rest.mode.toString(8) : rest.target]),
    ).to.deep.equal([
      ['/tree', '755'],
      ['/tree/b', '644'],
      ['/tree/link', 'b'],
      ['/tree/sub', '755'],
      ['/tree/sub/a', '755'],
    ]);
  });

  it('adds the files of a folder that match a pattern, without a prefix, as mkinitcpio does', async () => {
    mkdirSync(join(folder, 'tree/etc/mine.d'), { recursive: true });
    writeFileSync(join(folder, 'tree/etc/mine.d/a.conf'), '');
    writeFileSync(join(folder, 'tree/etc/mine.d/notes'), '');
    const { additions } = await install('add_full_dir "$PWD/tree" "*.conf" "$PWD/tree"\n');
    expect(additions.map(({ path }) => path)).to.deep.equal(['/etc', '/etc/mine.d', '/etc/mine.d/a.conf']);
  });

  it("accepts paths in all of mkinitcpio's forms", async () => {
    writeFileSync(join(folder, 'mine'), 'x');
    symlinkSync('somewhere', join(folder, 'link'));
    const { additions } = await install(
      'add_file mine\nadd_file mine "" 600\nadd_file mine /etc/\nadd_binary ./mine /opt/ 700\nadd_symlink "$PWD/link"\n',
    );
    expect(
      additions.map(({ path, ...rest }) => [path, 'mode' in rest ? rest.mode.toString(8) : rest.target]),
    ).to.deep.equal([
      ['/mine', '644'],
      ['/mine', '600'],
      ['/etc/mine', '644'],
      ['/opt/mine', '700'],
      [join(folder, 'link'), 'somewhere'],
    ]);
    expect(await failure('add_symlink /nowhere\n')).to.equal(
      'mine.install: add_symlink /nowhere has no target, and /nowhere is not a link on this machine',
    );
  });

  it("may print to the log, and knows the kernel's version", async () => {
    expect((await install('echo "for $KERNELVERSION"\nadd_module a\n')).modules).to.deep.equal(['a']);
    expect(said.filter((line) => line === 'for 6.1')).to.have.length(1);
  });

  it('is named when it asks for something that is missing', async () => {
    expect(await failure('add_binary no-such-program\n')).to.equal(
      'mine.install: there is no command no-such-program',
    );
    expect(await failure('add_file nothing /x\n')).to.equal(
      `mine.install: there is no file ${folder}/nothing`,
    );
    expect(await failure('add_full_dir nothing\n')).to.equal(
      `mine.install: there is no folder ${folder}/nothing`,
    );
    expect(await failure('add_dir ../up\n')).to.match(
      /^mine.install: \.\.\/up is not a valid path in the initramfs/,
    );
    expect(await failure('add_dir /x 9\n')).to.equal('mine.install: 9 is not an octal mode');
    expect(await failure('add_module\n')).to.equal('mine.install: add_module needs an argument');
  });

  it('is named, with its output, when it fails', async () => {
    expect(await failure('echo "no such device" >&2\nfalse\nadd_module a\n')).to.equal(
      'mine.install failed with exit code 1:\nno such device',
    );
    expect(await failure('add_moduel a\n')).to.match(/add_moduel: not found/);
  });
});
