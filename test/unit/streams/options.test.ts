import { expect } from 'chai';
import { checksums, cpio, render, squashfs } from '../../../tasks';

/** The message of what a call throws at once. */
function refusal(call: () => unknown): string {
  try {
    call();
  } catch (error) {
    return (error as Error).message;
  }
  return 'nothing was thrown';
}

describe('what streams are called with', () => {
  it('is refused at once with what is allowed', () => {
    expect(refusal(() => squashfs('x', { compression: 'zip' as never }))).to.equal(
      'squashfs(): compression must be one of zstd, xz, gzip, lz4, lzo, not "zip"',
    );
    expect(refusal(() => squashfs('x', { compresion: 'xz' } as never))).to.equal(
      'squashfs(): unknown option "compresion"; the options are compression, epoch',
    );
    expect(refusal(() => squashfs('x', { epoch: -1 }))).to.contain(
      'a whole number of seconds since 1970, not -1',
    );
    expect(refusal(() => cpio('x', { mtime: 1.5 }))).to.contain(
      'a whole number of seconds since 1970, not 1.5',
    );
    expect(refusal(() => cpio('../x'))).to.contain('name must be the relative path of a file, not "../x"');
    expect(refusal(() => checksums({} as never))).to.contain(
      'name must be the relative path of a file, not {}',
    );
    expect(refusal(() => render({}, { filter: '*.conf' as never }))).to.contain(
      'filter must be a function, not "*.conf"',
    );
    expect(refusal(() => render('x' as never))).to.contain('variables must be an object, not "x"');
    expect(refusal(() => cpio('x', null as never))).to.contain('options must be an object, not null');
  });
});
