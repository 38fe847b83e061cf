import { expect } from 'chai';
import { sectionsOf, withSections } from '../../../lib/install/pe';

/** A program with one section, and symbols behind it. */
function program(headersSize = 0x400): Buffer {
  const made = Buffer.alloc(0x800, 0);
  made.writeUInt32LE(0x80, 0x3c);
  made.write('PE\0\0', 0x80, 'latin1');
  made.writeUInt16LE(1, 0x86);
  made.writeUInt32LE(0x700, 0x8c);
  made.writeUInt32LE(3, 0x90);
  made.writeUInt16LE(240, 0x94);
  const optional = 0x98;
  made.writeUInt32LE(0x100, optional + 8);
  made.writeUInt32LE(0x200, optional + 32);
  made.writeUInt32LE(0x200, optional + 36);
  made.writeUInt32LE(headersSize, optional + 60);
  const section = optional + 240;
  made.write('.text', section, 'latin1');
  for (const [at, value] of [0x123, 0x4000, 0x200, 0x400].entries())
    made.writeUInt32LE(value, section + 8 + 4 * at);
  made.write('code', 0x400, 'latin1');
  made.write('symbols', 0x700, 'latin1');
  return made;
}

describe('a program for UEFI', () => {
  const added = [
    { name: '.cmdline', content: Buffer.from('quiet') },
    { name: '.linux', content: Buffer.alloc(5000, 'k') },
  ];

  it('gets sections behind those that it has, in memory and in the file', () => {
    const made = withSections(program(), added);
    expect(sectionsOf(made)).to.deep.equal([
      { name: '.text', size: 0x123, address: 0x4000, bytes: 0x200, offset: 0x400 },
      { name: '.cmdline', size: 5, address: 0x5000, bytes: 0x200, offset: 0x600 },
      { name: '.linux', size: 5000, address: 0x6000, bytes: 0x1400, offset: 0x800 },
    ]);
    expect(made.toString('latin1', 0x600, 0x606)).to.equal('quiet\0');
    expect(made).to.have.length(0x800 + 0x1400);
    expect(made.toString('latin1', 0x400, 0x404)).to.equal('code');
  });

  it('has headers that say so, and none of its symbols', () => {
    const made = withSections(program(), added);
    expect(made.readUInt32LE(0x98 + 56)).to.equal(0x8000);
    expect(made.readUInt32LE(0x98 + 8)).to.equal(0x100 + 0x200 + 0x1400);
    expect([made.readUInt32LE(0x8c), made.readUInt32LE(0x90)]).to.deep.equal([0, 0]);
    expect(made.includes('symbols')).to.equal(false);
  });

  it('is refused where its headers have no room, or it is none', () => {
    expect(() => withSections(program(0x1d8), added)).to.throw('has no room for more sections');
    for (const none of [Buffer.alloc(0), Buffer.alloc(100), Buffer.from(`MZ${'x'.repeat(1000)}`)])
      expect(() => withSections(none, added)).to.throw('is no program for UEFI');
  });
});
