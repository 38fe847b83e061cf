import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import {
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable, Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setTimeout } from 'node:timers/promises';
import { expect } from 'chai';
import gulp from 'gulp';
import { run } from '../../lib/system/process';
import { checksums, render, squashfs } from '../../tasks';
import { ownTemporaryFolder, testFolder } from '../helpers/folder';
import { commandLines } from '../helpers/processes';
import { through as collected, failureOf, vinyl, vinylLink } from '../helpers/vinyl';

describe('the streams in a gulpfile', () => {
  ownTemporaryFolder();
  const folder = testFolder();
  const source = (options = {}): NodeJS.ReadWriteStream =>
    gulp.src('in/**', {
      cwd: folder.path(),
      dot: true,
      resolveSymlinks: false,
      encoding: false,
      ...options,
    } as object);
  const through = (...streams: NodeJS.ReadWriteStream[]): Promise<void> =>
    pipeline([
      ...streams,
      gulp.dest('out', { cwd: folder.path() }),
      new Writable({ objectMode: true, write: (_file, _encoding, done) => done() }),
    ]);

  beforeEach(() => {
    mkdirSync(folder.path('in/etc'), { recursive: true });
    writeFileSync(folder.path('in/etc/motd.ejs'), 'This is <%= name %>\n');
    writeFileSync(folder.path('in/run'), '#!/bin/sh\n', { mode: 0o755 });
    symlinkSync('../run', folder.path('in/etc/issue'));
  });

  it('render templates and pack them into a reproducible squashfs image', async () => {
    const sums: string[] = [];
    for (let time = 0; time < 2; time++) {
      await through(source(), render({ name: 'web' }), squashfs('root.squashfs', { epoch: 1_600_000_000 }));
      sums.push((await run('sha256sum', ['-b', folder.path('out/root.squashfs')])).stdout);
    }
    expect(sums[0]).to.equal(sums[1]);
    const { stdout } = await run('unsquashfs', ['-lls', '-d', '', folder.path('out/root.squashfs')]);
    expect(stdout)
      .to.match(/^-rwxr-xr-x root\/root .*\/run$/m)
      .and.match(/\/etc\/issue -> \.\.\/run$/m);
    expect((await run('unsquashfs', ['-cat', folder.path('out/root.squashfs'), 'etc/motd'])).stdout).to.equal(
      'This is web',
    );
    expect(ours()).to.deep.equal([]);
  });

  it('add checksums that sha256sum accepts', async () => {
    await through(source({ buffer: false }), checksums());
    expect(readFileSync(folder.path('out/SHA256SUMS'), 'utf8')).to.contain('etc/motd.ejs');
    await run('sha256sum', ['--check', '--strict', 'SHA256SUMS'], { cwd: join(folder.path('out')) });
  });

  it('name file and line of a template that throws', async () => {
    writeFileSync(folder.path('in/etc/motd.ejs'), '\n<%= nosuch %>\n');
    const error = await through(source(), render({ name: 'web' })).catch((thrown) => thrown);
    expect(error.message).to.match(/etc\/motd\.ejs:2: nosuch is not defined$/);
  });

  it('keep links, owners, modes, times, devices and hard links in a squashfs image', async () => {
    const long = `${'d'.repeat(120)}/${'f'.repeat(200)}`;
    const attributes = { uid: 70_000, gid: 3_000_000_000, mtime: new Date(1_000_000_000_000) };
    const hard = { dev: 1, ino: 2, nlink: 2 };
    const [image] = await collected(squashfs('image'), [
      vinyl('', null, { ...attributes, mode: 0o40700 }),
      vinyl('d/setuid', 'x', { ...attributes, mode: 0o104755 }),
      vinyl('d', null, { ...attributes, mode: 0o41777 }),
      vinyl('one', 'same', hard),
      vinyl('two', 'same', hard),
      vinyl(long, 'long'),
      vinyl('umlaut-ä\\', Readable.from(['streamed'], { objectMode: false })),
      vinylLink('dangling', `/${'t'.repeat(150)}`),
      vinylLink(`${long}-link`, `../${'t'.repeat(150)}`, { uid: 3_000_000_000 }),
      vinyl(`${long}-1`, 'linked', { ...hard, ino: 3 }),
      vinyl(`${long}-2`, 'linked', { ...hard, ino: 3 }),
      vinyl('null', null, { mode: 0o20666, rdev: 0x103 }),
    ]);
    writeFileSync(folder.path('image'), image?.bytes as Buffer);
    const tree = folder.path('tree');
    await run('unsquashfs', ['-quiet', '-no-progress', '-dest', tree, folder.path('image')]);
    const stat = (name: string) => lstatSync(join(tree, name));
    for (const [name, mode] of [
      ['d', 0o41777],
      ['d/setuid', 0o104755],
    ] as const) {
      expect(stat(name)).to.include({ mode, uid: 70_000, gid: 3_000_000_000, mtimeMs: 1_000_000_000_000 });
    }
    expect(stat('')).to.include({ mode: 0o40700, uid: 0, mtimeMs: 1_000_000_000_000 });
    expect(stat('one').ino).to.equal(stat('two').ino);
    expect(readFileSync(join(tree, 'two'), 'utf8')).to.equal('same');
    expect(readFileSync(join(tree, long), 'utf8')).to.equal('long');
    expect(readFileSync(join(tree, 'umlaut-ä\\'), 'utf8')).to.equal('streamed');
    expect(readlinkSync(join(tree, 'dangling'))).to.equal(`/${'t'.repeat(150)}`);
    expect(readlinkSync(join(tree, `${long}-link`))).to.equal(`../${'t'.repeat(150)}`);
    expect(stat(`${long}-link`).uid).to.equal(3_000_000_000);
    expect(stat(`${long}-1`).ino).to.equal(stat(`${long}-2`).ino);
    expect(readFileSync(join(tree, `${long}-2`), 'utf8')).to.equal('linked');
    expect(stat('null').isCharacterDevice()).to.equal(true);
    expect(stat('null').rdev).to.equal(0x103);
  });

  it('write nothing through a link, nor above the image', async () => {
    mkdirSync(folder.path('host'));
    writeFileSync(folder.path('host/file'), 'untouched');
    symlinkSync(folder.path('host'), folder.path('in/behind'));
    const error = await through(source(), squashfs()).catch((thrown) => thrown);
    expect(error).to.include({ plugin: 'squashfs', fileName: folder.path('in/behind/file') });
    expect(error.message).to.equal('behind/file cannot be written: behind is a symbolic link in the archive');
    expect(readFileSync(folder.path('host/file'), 'utf8')).to.equal('untouched');
    const above = vinyl('x', 'x');
    above.path = '/x';
    expect((await failureOf(squashfs(), [above])).message).to.contain('"../x" is not a valid path');
    expect(ours()).to.deep.equal([]);
  });

  it('end mksquashfs and remove its files when they are closed early', async () => {
    const stream = squashfs('image', { compression: 'xz' });
    stream.on('error', () => undefined);
    stream.end(vinyl('f', randomBytes(64 << 20)));
    const running = () => commandLines().filter((words) => /mksquashfs.*dock0-squashfs-/.test(words));
    while (running().length === 0) await setTimeout(20);
    const closed = once(stream, 'close');
    stream.destroy();
    await closed;
    expect(running()).to.deep.equal([]);
    expect(ours()).to.deep.equal([]);
  });
});

/** What a stream leaves while it works. */
function ours(): string[] {
  return readdirSync(tmpdir()).filter((name) => /^dock0-(squashfs|stream)-/.test(name));
}
