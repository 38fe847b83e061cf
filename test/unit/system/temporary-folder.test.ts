import { writeFileSync } from 'node:fs';
import { Readable } from 'node:stream';
import { expect } from 'chai';
import { checksums } from '../../../lib/streams/checksums';
import { cpio } from '../../../lib/streams/cpio';
import { squashfs } from '../../../lib/streams/squashfs';
import { openPipes } from '../../../lib/system/pipe';
import { testFolder } from '../../helpers/folder';
import { failureOf, vinyl } from '../../helpers/vinyl';

describe('a TMPDIR in which nothing can be made', () => {
  const folder = testFolder();
  const { TMPDIR } = process.env;
  afterEach(() => {
    if (TMPDIR === undefined) delete process.env.TMPDIR;
    else process.env.TMPDIR = TMPDIR;
  });

  it('is one line for commands', () => {
    process.env.TMPDIR = '/nonexistent';
    expect(() => openPipes(1)).to.throw(
      'TMPDIR: expected a folder for temporary files, found /nonexistent: no such folder',
    );
    const file = folder.path('file');
    writeFileSync(file, '');
    process.env.TMPDIR = file;
    expect(() => openPipes(1)).to.throw(`found ${file}: no folder`);
  });

  it('is one line for streams', async () => {
    process.env.TMPDIR = '/nonexistent';
    for (const [name, make] of Object.entries({ cpio, squashfs, checksums })) {
      const stream = make();
      const failure = await failureOf(stream, [vinyl('etc/motd', Readable.from([Buffer.from('x')]))]);
      expect(failure).to.include({ plugin: name });
      expect(failure.message).to.equal(
        'etc/motd: TMPDIR: expected a folder for temporary files, found /nonexistent: no such folder',
      );
    }
  });
});
