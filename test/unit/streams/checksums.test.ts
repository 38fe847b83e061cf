import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { expect } from 'chai';
import { checksums } from '../../../lib/streams/checksums';
import { sha256sums } from '../../../lib/streams/sha256sums';
import { broken, type Failure, through, vinyl } from '../../helpers/vinyl';

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

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

  it('can be read after the stream has ended', async () => {
    const stream = checksums();
    stream.write(vinyl('a', Readable.from([Buffer.from('text')])));
    stream.end();
    const files = await stream.toArray();
    const texts = [];
    for (const { contents } of files) texts.push(String(await buffer(contents)));
    expect(texts).to.deep.equal(['text', `${sha256('text')}  a\n`]);
  });

  it('fails, and ends the contents with the error, when they cannot be read', async () => {
    const stream = checksums();
    const failed = new Promise<Failure>((resolve) => stream.once('error', resolve));
    stream.write(vinyl('a', broken('EIO')));
    const file = await new Promise<{ contents: Readable }>((resolve) => stream.once('data', resolve));
    const read = await buffer(file.contents).catch((error: Error) => error.message);
    expect(read).to.equal('a: EIO');
    expect(await failed).to.include({ plugin: 'checksums', fileName: '/src/a', message: 'a: EIO' });
  });

  it('escapes names as sha256sum(1) does', () => {
    const text = sha256sums([{ path: 'a\\b\nc', sha256: 'f'.repeat(64) }]);
    expect(text).to.equal(`\\${'f'.repeat(64)}  a\\\\b\\nc\n`);
  });
});
