import { expect } from 'chai';
import {
  type Address,
  isIn,
  isLinkLocal,
  lastOf,
  networkOf,
  parseAddress,
  parseWithPrefix,
  special,
  textOf,
} from '../../../lib/config/address';

const address = (text: string): Address => parseWithPrefix(text) ?? (parseAddress(text) as Address);

describe('an address', () => {
  it('is read in every spelling, and only where it is one', () => {
    expect(parseAddress('192.0.2.1')).to.deep.equal({ family: 4, value: 0xc0000201n, prefix: 32 });
    const six = parseAddress('2001:db8::1')?.value;
    for (const text of ['2001:DB8:0:0::0:1', '2001:db8:0:0:0:0:0:1', '2001:db8::0.0.0.1'])
      expect(parseAddress(text)?.value, text).to.equal(six);
    expect(parseAddress('::')?.value).to.equal(0n);
    expect(parseAddress('1::')?.value).to.equal(1n << 112n);
    for (const text of ['192.0.2.01', '192.0.2', '1:2:3', 'fe80::1%eth0', '192.0.2.1/24', ''])
      expect(parseAddress(text), text).to.equal(undefined);
    for (const text of ['192.0.2.1/33', '2001:db8::/129', '192.0.2.1', '/24', '192.0.2.1/'])
      expect(parseWithPrefix(text), text).to.equal(undefined);
  });

  it('has a network, with a first and a last address', () => {
    const four = address('192.0.2.77/26');
    expect(textOf({ family: 4, value: networkOf(four) })).to.equal('192.0.2.64');
    expect(textOf({ family: 4, value: lastOf(four) })).to.equal('192.0.2.127');
    expect(isIn(four, address('192.0.2.127'))).to.equal(true);
    expect(isIn(four, address('192.0.2.128'))).to.equal(false);
    expect(isIn(address('2001:db8::/64'), address('2001:db8::ffff'))).to.equal(true);
    expect(isIn(address('0.0.0.0/0'), address('2001:db8::1'))).to.equal(false);
    expect(textOf({ family: 6, value: networkOf(address('2001:db8::7/64')) })).to.equal(
      '2001:db8:0:0:0:0:0:0',
    );
  });

  it('may be that of no machine, or of one link', () => {
    expect(special(address('127.0.0.1'))).to.equal('the machine itself');
    expect(special(address('255.255.255.255'))).to.equal('no machine');
    expect(special(address('::1'))).to.equal('the machine itself');
    expect(special(address('192.0.2.1'))).to.equal(undefined);
    expect(special(address('fe80::1'))).to.equal(undefined);
    expect(['fe80::1', 'febf::1', '169.254.1.1'].every((text) => isLinkLocal(address(text)))).to.equal(true);
    expect(isLinkLocal(address('fec0::1'))).to.equal(false);
  });
});
