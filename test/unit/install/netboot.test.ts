import { expect } from 'chai';
import { layersTable, netbootScript } from '../../../lib/install/netboot';

describe('the script of iPXE', () => {
  const cmdline = 'quiet dock0.root=LABEL=dock0 dock0.release=current dock0.id=0123456789abcdef';
  const lines = (url?: string): string[] => netbootScript('0123456789abcdef', cmdline, url).split('\n');

  it('passes the command line on, with the place of the layers instead of a disk, and the card', () => {
    expect(lines()).to.include(
      `kernel vmlinuz initrd=initramfs.img quiet dock0.release=current dock0.id=0123456789abcdef dock0.root=\${dock0-url} dock0.card=\${netX/mac}`,
    );
  });

  it('takes the layers from where it is itself, unless something else is stated', () => {
    expect(lines().slice(2, 4)).to.deep.equal([
      `isset \${dock0-url} || set dock0-url \${cwduri}`,
      `isset \${dock0-url} || set dock0-url \${filename}`,
    ]);
    expect(lines('http://192.0.2.1/x/')).to.include(
      `isset \${dock0-url} || set dock0-url http://192.0.2.1/x/`,
    );
  });

  it('begins with what iPXE knows it by', () => {
    expect(lines()[0]).to.equal('#!ipxe');
  });
});

describe('the table of layers', () => {
  it('has the release, then digest, size and name of each layer in their order', () => {
    const layers = ['10-a', '20-b'].map((name, at) => ({
      path: `layers/${name}.squashfs`,
      sha256: String(at).repeat(64),
      bytes: at + 5,
    }));
    expect(layersTable('0123456789abcdef', layers)).to.equal(
      `0123456789abcdef\n${'0'.repeat(64)} 5 10-a.squashfs\n${'1'.repeat(64)} 6 20-b.squashfs\n`,
    );
  });
});
