import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { expect } from 'chai';
import Vinyl from 'vinyl';
import { cpio } from '../../../lib/streams/cpio';
import { deviceOf } from '../../../lib/streams/entries';

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

  it('passes the archive on before the last file, and does not run ahead of its reader', async () => {
    const stream = cpio();
    const megabyte = Buffer.alloc(1 << 20);
    let taken = 0;
    Readable.from(
      (function* () {
        for (; taken < 64; taken++) yield new Vinyl({ base: '/', path: `/f${taken}`, contents: megabyte });
      })(),
      { objectMode: true, highWaterMark: 1 },
    ).pipe(stream);
    const archive = await new Promise<Vinyl>((resolve) => stream.once('data', resolve));
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(taken).to.be.lessThan(64);
    const bytes = await buffer(archive.contents as unknown as Readable);
    expect(taken).to.equal(64);
    expect(bytes.length).to.be.greaterThan(64 << 20);
  });

  it('makes no archive without files', async () => {
    const stream = cpio();
    stream.end();
    const given: unknown[] = [];
    for await (const file of stream) given.push(file);
    expect(given).to.deep.equal([]);
  });

  it('fails, and ends the archive with the error, when two files have the same path', async () => {
    const stream = cpio();
    const same = (): Vinyl => new Vinyl({ base: '/', path: '/f', contents: Buffer.from('x') });
    const ending = new Promise<Error>((resolve) => stream.once('error', resolve));
    const archive = new Promise<Vinyl>((resolve) => stream.once('data', resolve));
    stream.write(same());
    stream.end(same());
    expect((await ending).message).to.equal('f is in the archive twice');
    const read = await buffer((await archive).contents as unknown as Readable).catch(
      (error: Error) => error.message,
    );
    expect(read).to.equal('f is in the archive twice');
  });
});

describe('the numbers of a device', () => {
  it('are decoded from what stat(2) returns', () => {
    expect(deviceOf(0x501)).to.deep.equal({ major: 5, minor: 1 });
    expect(deviceOf(0x10300)).to.deep.equal({ major: 259, minor: 0 });
    expect(deviceOf(0x100_0fd_ff)).to.deep.equal({ major: 0xfd, minor: 0x100ff });
  });
});
