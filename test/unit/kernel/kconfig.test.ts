import { expect } from 'chai';
import { formatLine, parseFragment, parseKconfig, valueFrom } from '../../../lib/kernel/kconfig';
import { collectRequests, difference, overlay } from '../../../lib/kernel/requests';
import { failure } from './support';

describe('a fragment of a kernel configuration', () => {
  it('gives each line with its number, value and whether it may fail', () => {
    const text =
      '# networks\nCONFIG_VETH=y\n\n# CONFIG_WLAN is not set\nCONFIG_BPF_JIT=y # if possible\nCONFIG_HZ=250\nCONFIG_CMD="a b"\n';
    expect(parseFragment(text, 'x.config')).to.deep.equal([
      { symbol: 'VETH', value: 'y', line: 2, optional: false },
      { symbol: 'WLAN', value: 'n', line: 4, optional: false },
      { symbol: 'BPF_JIT', value: 'y', line: 5, optional: true },
      { symbol: 'HZ', value: '250', line: 6, optional: false },
      { symbol: 'CMD', value: '"a b"', line: 7, optional: false },
    ]);
  });

  it('names every line that is none, with file and number', async () => {
    const error = await failure(() => parseFragment('CONFIG_A=y\nVETH=y\nCONFIG_B=maybe\n', 'net.config'));
    expect(error.message).to.contain('net.config:2').and.contain('VETH=y').and.contain('net.config:3');
  });

  it('reads a whole .config and passes over what is no setting', () => {
    const config = parseKconfig('#\n# Linux/x86 6.1\n#\nCONFIG_A=y\n# CONFIG_B is not set\nCONFIG_C="x=y"\n');
    expect([...config]).to.deep.equal([
      ['A', 'y'],
      ['B', 'n'],
      ['C', '"x=y"'],
    ]);
  });

  it('writes what is off as the kernel does', () => {
    expect(formatLine('A', 'n')).to.equal('# CONFIG_A is not set');
    expect(formatLine('A', 'm')).to.equal('CONFIG_A=m');
  });

  it('quotes the text of an option and leaves y, m, n and numbers', () => {
    expect(['y', 'm', 'n', 250, '0x10', 'quiet "x"'].map(valueFrom)).to.deep.equal([
      'y',
      'm',
      'n',
      '250',
      '0x10',
      '"quiet \\"x\\""',
    ]);
  });
});

describe('the requests of a configuration', () => {
  const fragments = [
    { name: 'a.config', text: 'CONFIG_NET=y\nCONFIG_EXT4_FS=m\n' },
    { name: 'b.config', text: 'CONFIG_EXT4_FS=y\n' },
  ];

  it('let the last fragment win, and single options over fragments', () => {
    const requests = collectRequests(fragments, { CONFIG_NET: 'n', VETH: 'y' });
    expect(requests.get('EXT4_FS')).to.deep.equal({ value: 'y', origin: 'b.config:1', optional: false });
    expect(requests.get('NET')?.value).to.equal('n');
    expect(requests.get('VETH')?.origin).to.equal('kernel.options.VETH');
  });

  it('make the revision the local version', () => {
    expect(collectRequests([], {}, '-r7').get('LOCALVERSION')?.value).to.equal('"-r7"');
    expect(collectRequests([], {}, '').has('LOCALVERSION')).to.equal(false);
  });

  it('replace what the base says', () => {
    const text = overlay('CONFIG_A=y\nCONFIG_NET=m\n', collectRequests(fragments));
    expect(text).to.equal('CONFIG_A=y\nCONFIG_NET=y\nCONFIG_EXT4_FS=y\n');
  });
});

describe('the difference of two configurations', () => {
  it('is the lines of a fragment, and takes what is absent for off', () => {
    const before = parseKconfig('CONFIG_A=y\nCONFIG_B=y\n# CONFIG_C is not set\n');
    const after = parseKconfig('CONFIG_A=y\n# CONFIG_B is not set\nCONFIG_D=m\n');
    expect(difference(before, after)).to.deep.equal(['# CONFIG_B is not set', 'CONFIG_D=m']);
  });
});
