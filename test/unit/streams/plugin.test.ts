import { readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { PassThrough, Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { expect } from 'chai';
import { checksums, cpio, render, squashfs } from '../../../tasks';
import { ownTemporaryFolder } from '../../helpers/folder';
import { broken, type Failure, vinyl } from '../../helpers/vinyl';

const errorOf = (stream: NodeJS.EventEmitter): Promise<Failure> =>
  new Promise((resolve) => stream.once('error', resolve));

describe('an error of a stream', () => {
  ownTemporaryFolder();

  it('reaches the end of streams that are joined by .pipe()', async () => {
    const last = new PassThrough({ objectMode: true });
    Readable.from([vinyl('a.ejs', '<%= nosuch %>')])
      .pipe(render({}))
      .pipe(checksums())
      .pipe(cpio())
      .pipe(last);
    const error = await errorOf(last);
    expect(error).to.include({ plugin: 'render', fileName: '/src/a.ejs' });
    expect(error.message).to.match(/a\.ejs:1: nosuch is not defined$/);
  });

  it('is the error of a stream in front of it, too', async () => {
    const first = new PassThrough({ objectMode: true });
    const stream = first.pipe(cpio());
    first.destroy(new Error('no files'));
    expect((await errorOf(stream)).message).to.equal('no files');
  });

  for (const [name, make] of Object.entries({ cpio, squashfs, checksums })) {
    it(`of the contents of a file is one of ${name}(), and leaves nothing behind`, async () => {
      const own = (): string[] =>
        readdirSync(tmpdir()).filter((entry) => /^dock0-(squashfs|stream)-/.test(entry));
      const files = [vinyl('one', 'x'), vinyl('two', broken('EIO')), vinyl('three', 'x')];
      const read = async (packed: AsyncIterable<{ contents: Readable | Buffer }>): Promise<void> => {
        for await (const { contents } of packed) if (!Buffer.isBuffer(contents)) await contents.toArray();
      };
      const error: Failure = await pipeline(Readable.from(files), make(), read).then(
        () => new Error('nothing failed'),
        (thrown) => thrown,
      );
      expect(error).to.include({ plugin: name, fileName: '/src/two', message: 'two: EIO' });
      expect(own()).to.deep.equal([]);
    });
  }
});
