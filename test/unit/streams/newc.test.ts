import { PassThrough, Readable, Writable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { expect } from 'chai';
import type { Entry } from '../../../lib/streams/entry';
import { writeCpio } from '../../../lib/streams/newc';
import { membersOf } from '../../helpers/newc';

async function archiveOf(entries: Iterable<Entry> | AsyncIterable<Entry>, mtime?: number): Promise<Buffer> {
  const output = new PassThrough();
  const [bytes] = await Promise.all([
    buffer(output),
    writeCpio(entries, output, mtime === undefined ? {} : { mtime }),
  ]);
  return bytes;
}

async function failureOf(entries: Iterable<Entry>): Promise<string> {
  const output = new PassThrough();
  output.on('error', () => undefined);
  output.resume();
  return writeCpio(entries, output).then(
    () => 'nothing failed',
    (error: Error) => error.message,
  );
}

const file = (path: string, text: string): Entry => ({
  type: 'file',
  path,
  mode: 0o644,
  content: Buffer.from(text),
});

describe('a newc archive', () => {
  it('has files, folders, links and devices with their modes, owned by root', async () => {
    const found = membersOf(
      await archiveOf([
        { type: 'directory', path: 'bin', mode: 0o755 },
        { type: 'file', path: 'bin/tool', mode: 0o4755, content: Buffer.from('12345') },
        { type: 'symlink', path: 'bin/sh', mode: 0o777, target: 'tool' },
        { type: 'character', path: 'console', mode: 0o600, major: 5, minor: 1 },
      ]),
    );
    expect(found.map(({ path, mode, data }) => [path, mode.toString(8), data])).to.deep.equal([
      ['bin', '40755', ''],
      ['bin/tool', '104755', '12345'],
      ['bin/sh', '120777', 'tool'],
      ['console', '20600', ''],
    ]);
    expect(found[3]?.device).to.deep.equal([5, 1]);
    expect(found.every(({ uid, gid }) => uid === 0 && gid === 0)).to.equal(true);
    expect(found.map(({ inode }) => inode)).to.deep.equal([1, 2, 3, 4]);
    expect(found.map(({ links }) => links)).to.deep.equal([2, 1, 1, 1]);
  });

  it('has the given time in every entry, 1970 by default', async () => {
    expect(membersOf(await archiveOf([file('a', 'x')], 1_700_000_000))[0]?.mtime).to.equal(1_700_000_000);
    expect(membersOf(await archiveOf([file('a', 'x')]))[0]?.mtime).to.equal(0);
  });

  it('has the parent folders of a file before it, each once', async () => {
    const found = membersOf(
      await archiveOf([file('usr/lib/a', ''), file('usr/lib/b', ''), file('usr/c', '')]),
    );
    expect(found.map(({ path }) => path)).to.deep.equal([
      'usr',
      'usr/lib',
      'usr/lib/a',
      'usr/lib/b',
      'usr/c',
    ]);
  });

  it('is a multiple of 512 bytes long, and reproducible', async () => {
    const entries = [file('one', 'a'), file('two', 'abc'), file('a name of umlauts äöü', 'abcd')];
    const archive = await archiveOf(entries);
    expect(archive.length % 512).to.equal(0);
    expect(await archiveOf(entries)).to.deep.equal(archive);
    expect(membersOf(archive).map(({ path }) => path)).to.include('a name of umlauts äöü');
  });

  it('accepts streams as contents, and opens one at a time', async () => {
    let open = 0;
    let most = 0;
    const streamed = (path: string): Entry => ({
      type: 'file',
      path,
      mode: 0o644,
      content: {
        size: 6,
        open: () => {
          most = Math.max(most, ++open);
          return Readable.from([Buffer.from('abc'), Buffer.from('def')]).on('end', () => open--);
        },
      },
    });
    const found = membersOf(await archiveOf([streamed('a'), streamed('b'), streamed('c')]));
    expect(found.map(({ data }) => data)).to.deep.equal(['abcdef', 'abcdef', 'abcdef']);
    expect(most).to.equal(1);
  });

  it('waits for a slow reader instead of buffering', async () => {
    let most = 0;
    const slow = new Writable({
      highWaterMark: 1024,
      write(_chunk, _encoding, done) {
        most = Math.max(most, this.writableLength);
        setImmediate(done);
      },
    });
    const kilobyte = Buffer.alloc(1024);
    const entries = Array.from(
      { length: 200 },
      (_, index): Entry => ({ type: 'file', path: `f${index}`, mode: 0o644, content: kilobyte }),
    );
    await writeCpio(entries, slow);
    expect(most).to.be.lessThan(8 * 1024);
  });

  it('refuses a path that leaves it', async () => {
    for (const path of ['/etc/passwd', '../x', 'a/../../b', 'a//b', '.', '']) {
      expect(await failureOf([file(path, '')])).to.match(/is not a valid path in an archive/);
    }
  });

  it('refuses two files with the same path', async () => {
    expect(await failureOf([file('a', '1'), file('a', '2')])).to.equal('a is in the archive twice');
  });

  it('refuses a stream that is longer or shorter than announced', async () => {
    const lying = (size: number): Entry => ({
      type: 'file',
      path: 'f',
      mode: 0o644,
      content: { size, open: () => Readable.from([Buffer.from('abcd')]) },
    });
    expect(await failureOf([lying(5)])).to.equal('f: expected 5 bytes, found 4');
    expect(await failureOf([lying(3)])).to.equal('f: expected 3 bytes, found more');
  });

  it('ends with the error of the stream it is written to', async () => {
    const broken = new Writable({
      highWaterMark: 16,
      write: (_chunk, _encoding, done) => done(new Error('the disk is full')),
    });
    const failed = await writeCpio([file('a', 'x'.repeat(100)), file('b', '')], broken).catch(
      (error: Error) => error.message,
    );
    expect(failed).to.equal('the disk is full');
  });
});
