import { expect } from 'chai';
import { plainText } from '../../../lib/vm/plain-text';

describe('a line of the console', () => {
  it('has no marks of systemd around a boot or a login', () => {
    const start = '\u001b]3008;start=c03c;user=root;comm=systemd;type=boot\u001b\\';
    const asked = '\u001bP+q6E616D65\u001b\\\u001b7\u001b[104m\u001b8';
    expect(plainText(`${asked}${start}sid login: \u001b]3008;end=c03c\u0007\r`)).to.equal('sid login:');
  });

  it('has no colours, movements and other controls', () => {
    expect(plainText('\u001b[0;32m  OK  \u001b[0m \u001b(BStarted\u001b[K\u0000 it\u001bc')).to.equal(
      '  OK   Started it',
    );
    expect(plainText('a\tb [x] \u001b]0;cut off')).to.equal('a\tb [x]');
  });
});
