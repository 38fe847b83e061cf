import { expect } from 'chai';
import { collide, type Port, readPort } from '../../../lib/config/port';

describe('a published port', () => {
  const port = (stated: string): Port => readPort(stated) as Port;

  it('has an address, a protocol and a range, or goes without', () => {
    expect(port('8080:80')).to.deep.equal({ address: undefined, protocol: 'tcp', from: 8080, to: 8080 });
    expect(port('127.0.0.1:8000-8010:9000-9010/udp')).to.deep.equal({
      ...{ address: '127.0.0.1', protocol: 'udp' },
      ...{ from: 8000, to: 8010 },
    });
    expect(port('[::1]:80:80').address).to.equal('0:0:0:0:0:0:0:1');
    expect(collide(port('[::]:80:80'), port('127.0.0.1:80:80'))).to.equal(true);
  });

  it('collides with another one of the same address and protocol', () => {
    const both = (one: string, other: string): boolean => collide(port(one), port(other));
    expect(both('80:80', '80:81')).to.equal(true);
    expect(both('80:80', '80:80/udp')).to.equal(false);
    expect(both('127.0.0.1:80:80', '127.0.0.2:80:80')).to.equal(false);
    expect(both('127.0.0.1:80:80', '0.0.0.0:80:80')).to.equal(true);
    expect(both('8000-8010:1-11', '8010:80')).to.equal(true);
    expect(both('8000-8010:1-11', '8011:80')).to.equal(false);
  });
});
