import { createHash } from 'node:crypto';
import { readdirSync, readlinkSync } from 'node:fs';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect } from 'chai';
import type Vinyl from 'vinyl';
import { checksums } from '../../../lib/streams/checksums';
import { sha256sums } from '../../../lib/streams/sha256sums';
import { broken, failureOf, through, vinyl } from '../../helpers/vinyl';

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

/** How many nameless files of streams this process has open. */
function temporaryFiles(): number {
  return readdirSync('/proc/self/fd').filter((name) => {
    try {
      return readlinkSync(`/proc/self/fd/${name}`).includes('dock0-stream-');
    } catch {
      return false;
    }
  }).length;
}

describe('the stream checksums()', () => {
  it('adds the sums of buffers and streams, and passes both on', async () => {
    const found = await through(checksums(), [
      vinyl('b', Readable.from([Buffer.from('one'), Buffer.from('two')])),
      vinyl('a', 'text'),
      vinyl('folder'),
    ]);
    expect(found.map(({ file, bytes }) => [file.relative, bytes?.toString()])).to.deep.equal([
      ['b', 'onetwo'],
      ['a', 'text'],
      ['folder', undefined],
      ['SHA256SUMS', `${sha256('text')}  a\n${sha256('onetwo')}  b\n`],
    ]);
  });

  it('replaces the sums of an earlier time', async () => {
    const found = await through(checksums(), [vinyl('SHA256SUMS', 'old'), vinyl('a', 'x')]);
    expect(found.map(({ bytes }) => String(bytes))).to.deep.equal(['x', `${sha256('x')}  a\n`]);
  });

  it('ends with the sums when a later stream sorts the files, reads the sums first or drops a file', async () => {
    const stream = checksums();
    const large = Buffer.alloc(3 << 20, 'x');
    const empty: Buffer[] = [];
    for (const [path, pieces] of [
      ['a', [Buffer.from('text')]],
      ['b', [large.subarray(0, 1 << 20), large.subarray(1 << 20)]],
      ['c', empty],
      ['dropped', [Buffer.from('nobody reads it')]],
    ] as const)
      stream.write(vinyl(path, Readable.from(pieces, { objectMode: false })));
    stream.end();
    const files: Vinyl[] = await stream.toArray();
    const read = ['SHA256SUMS', 'c', 'b', 'a'].map((path) => files.find((file) => file.relative === path));
    const texts: string[] = [];
    for (const file of read) {
      const { contents } = file as Vinyl;
      texts.push(String(Buffer.isBuffer(contents) ? contents : await buffer(contents as never)));
    }
    const lines = [
      `${sha256('text')}  a\n`,
      `${sha256(large.toString())}  b\n`,
      `${sha256('')}  c\n`,
      `${sha256('nobody reads it')}  dropped\n`,
    ];
    expect(texts).to.deep.equal([lines.join(''), '', large.toString(), 'text']);
  });

  it('leaves no file open once everything is read, or what is not read is forgotten', async () => {
    const before = temporaryFiles();
    await through(checksums(), [vinyl('a', Readable.from([Buffer.from('text')]))]);
    const stream = checksums();
    stream.end(vinyl('dropped', Readable.from([Buffer.from('text')])));
    await stream.toArray();
    setFlagsFromString('--expose-gc');
    const collect = runInNewContext('gc') as () => void;
    for (let turn = 0; turn < 50 && temporaryFiles() > before; turn++) {
      await new Promise((done) => setTimeout(done, 20));
      collect();
    }
    expect(temporaryFiles()).to.equal(before);
  });

  it('fails when contents cannot be read', async () => {
    const failure = await failureOf(checksums(), [vinyl('a', broken('EIO'))]);
    expect(failure).to.include({ plugin: 'checksums', fileName: '/src/a', message: 'a: EIO' });
  });

  it('escapes names as sha256sum(1) does', () => {
    const text = sha256sums([{ path: 'a\\b\nc', sha256: 'f'.repeat(64) }]);
    expect(text).to.equal(`\\${'f'.repeat(64)}  a\\\\b\\nc\n`);
  });
});
