import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { expect } from 'chai';
import Vinyl from 'vinyl';
import { cpio } from '../../../lib/streams/cpio';
import { deviceOf } from '../../../lib/streams/entries';
import { membersOf } from '../../helpers/newc';
import { broken, failureOf, through, vinyl, vinylLink } from '../../helpers/vinyl';

const stat = (mode: number, more: object = {}): never => ({ mode, ...more }) as never;

/** Pipes files through the stream and unpacks what comes out of it with busybox. */
async function packed(
  files: Vinyl[],
  folder: string,
  name?: string,
): Promise<{ given: Vinyl[]; listing: string }> {
  const stream = cpio(name, { mtime: 86_400 });
  const given: Vinyl[] = [];
  for (const file of files) stream.write(file);
  stream.end();
  for await (const file of stream) {
    given.push(file as Vinyl);
    writeFileSync(join(folder, 'archive'), await buffer((file as Vinyl).contents as unknown as Readable));
  }
  const listing = execFileSync('busybox', ['cpio', '-tv', '-F', join(folder, 'archive')], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  return { given, listing: listing.toString() };
}

describe('the stream cpio()', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'dock0-cpio-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it('packs all files into one archive', async () => {
    const base = '/src';
    const { given, listing } = await packed(
      [
        new Vinyl({ base, path: '/src/etc', stat: stat(0o40750, { isDirectory: () => true }) }),
        new Vinyl({ base, path: '/src/etc/motd', contents: Buffer.from('hello\n'), stat: stat(0o100640) }),
        new Vinyl({
          base,
          path: '/src/bin/run',
          contents: Readable.from([Buffer.from('#!/bin/sh\n')]) as never,
          stat: stat(0o100755, { size: 10 }),
        }),
        Object.assign(
          new Vinyl({ base, path: '/src/bin/sh', stat: stat(0o120777, { isSymbolicLink: () => true }) }),
          { symlink: 'run' },
        ),
        new Vinyl({ base, path: '/src/dev/null', stat: stat(0o20666, { rdev: 0x103 }) }),
      ],
      folder,
      'root.cpio',
    );
    expect(given.map(({ basename }) => basename)).to.deep.equal(['root.cpio']);
    expect(listing).to.match(/drwxr-x--- .* etc\n/);
    expect(listing).to.match(/-rw-r----- .* 6 .* etc\/motd\n/);
    expect(listing).to.match(/-rwxr-xr-x .* 10 .* bin\/run\n/);
    expect(listing).to.match(/bin\/sh -> run\n/);
    expect(listing).to.match(/crw-rw-rw- .* dev\/null\n/);
  });

  it('reads a stream of unknown size before it writes it', async () => {
    const contents = Readable.from([Buffer.from('abc'), Buffer.from('de')]) as never;
    const { listing } = await packed([new Vinyl({ base: '/', path: '/f', contents })], folder);
    expect(listing).to.match(/ 5 .* f\n/);
  });

  it('passes no archive on that is not whole: a failure leaves nothing behind its reader', async () => {
    const stream = cpio();
    const passed: unknown[] = [];
    stream.on('data', (file) => passed.push(file));
    const failed = new Promise<Error>((resolve) => stream.once('error', resolve));
    stream.write(vinyl('first', Buffer.alloc(1 << 20)));
    stream.write(vinyl('second', broken('the disk is gone')));
    stream.end();
    expect((await failed).message).to.contain('the disk is gone');
    expect(passed).to.deep.equal([]);
  });

  it('keeps owners, times, empty folders and dangling links', async () => {
    const mtime = new Date(1_000_000_000_500);
    const attributes = { uid: 70_000, gid: 3_000_000_000, mtime };
    const [archive] = await through(cpio(), [
      vinyl('empty', null, { ...attributes, mode: 0o41777 }),
      vinyl('file', 'x', { ...attributes, mode: 0o104755 }),
      vinylLink('link', '/nowhere', attributes),
    ]);
    const found = membersOf(archive?.bytes as Buffer);
    expect(found.map(({ path, mode, data }) => [path, mode.toString(8), data])).to.deep.equal([
      ['empty', '41777', ''],
      ['file', '104755', 'x'],
      ['link', '120777', '/nowhere'],
    ]);
    for (const member of found) {
      expect(member).to.include({ uid: 70_000, gid: 3_000_000_000, mtime: 1_000_000_000 });
    }
  });

  it('has one inode for the names of a file whose contents and attributes are the same', async () => {
    const stat = { dev: 1, ino: 2, nlink: 3 };
    const [archive] = await through(cpio(), [
      vinyl('a', 'text', stat),
      vinyl('b', Readable.from([Buffer.from('te'), Buffer.from('xt')]), stat),
      vinyl('changed', 'other', stat),
      vinyl('mode', 'text', { ...stat, mode: 0o100600 }),
    ]);
    const found = membersOf(archive?.bytes as Buffer);
    expect(found.map(({ path, inode, links, data }) => [path, inode, links, data])).to.deep.equal([
      ['a', 1, 3, 'text'],
      ['b', 1, 3, ''],
      ['changed', 2, 1, 'other'],
      ['mode', 3, 1, 'text'],
    ]);
  });

  it('reads contents of any length, whatever stat.size says', async () => {
    const large = randomBytes(3 << 20);
    const [archive] = await through(cpio(), [
      vinyl('large', Readable.from([large.subarray(0, 7), large.subarray(7)]), { size: 5 }),
      vinyl('after', Readable.from([]), { size: 5 }),
    ]);
    const { bytes } = archive as { bytes: Buffer };
    expect(bytes.includes(large)).to.equal(true);
    expect(membersOf(bytes).map(({ path }) => path)).to.deep.equal(['large', 'after']);
  });

  it('refuses paths that leave the archive or lie below a link, with an error that names both', async () => {
    const escaping = vinyl('x', 'x');
    escaping.path = '/elsewhere/x';
    expect(await failureOf(cpio(), [escaping])).to.include({ plugin: 'cpio', fileName: '/elsewhere/x' });
    const error = await failureOf(cpio(), [vinylLink('a', '/etc'), vinyl('a/passwd', 'x')]);
    expect(error).to.include({ plugin: 'cpio', fileName: '/src/a/passwd' });
    expect(error.message).to.equal('a/passwd cannot be written: a is a symbolic link in the archive');
    const late = await failureOf(cpio(), [vinyl('a/passwd', 'x'), vinylLink('a', '/etc')]);
    expect(late.message).to.equal('a is in the archive twice');
  });

  it('refuses a file without contents, as gulp.src has with `read: false`', async () => {
    const error = await failureOf(cpio(), [vinyl('f', null, { mode: 0o100644 })]);
    expect(error).to.include({ message: 'f: has no contents' });
  });

  it('fails with the error of contents that cannot be read or are closed early', async () => {
    const unread = await failureOf(cpio(), [vinyl('f', broken('EIO'))]);
    expect(unread).to.include({ plugin: 'cpio', fileName: '/src/f', message: 'f: EIO' });
    const closed = new Readable({
      read() {
        this.destroy();
      },
    });
    expect((await failureOf(cpio(), [vinyl('f', closed)])).message).to.contain('closed before their end');
  });

  it('makes no archive without files', async () => {
    const stream = cpio();
    stream.end();
    const given: unknown[] = [];
    for await (const file of stream) given.push(file);
    expect(given).to.deep.equal([]);
  });

  it('fails when two files have the same path', async () => {
    const same = (): Vinyl => new Vinyl({ base: '/', path: '/f', contents: Buffer.from('x') });
    expect((await failureOf(cpio(), [same(), same()])).message).to.equal('f is in the archive twice');
  });

  it('are decoded from what stat(2) returns', () => {
    expect(deviceOf(0x501)).to.deep.equal({ major: 5, minor: 1 });
    expect(deviceOf(0x10300)).to.deep.equal({ major: 259, minor: 0 });
    expect(deviceOf(0x100_0fd_ff)).to.deep.equal({ major: 0xfd, minor: 0x100ff });
  });
});
