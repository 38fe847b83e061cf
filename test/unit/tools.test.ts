import { expect } from 'chai';
import { type Tool, toolsFor } from '../../lib/session/tools';
import { cleanUp, load } from './config/workspace';

describe('the tools of the host', () => {
  afterEach(cleanUp);

  const tools = (yaml: string, files: Record<string, string> = {}): Map<string, Tool> => {
    const { base } = load({ 'dock0.yaml': yaml, ...files });
    return new Map(toolsFor(base).map((tool) => [tool.name, tool]));
  };
  const source = (from: string, more = '', files: Record<string, string> = {}): Map<string, Tool> =>
    tools(`distribution: debian\nkernel:\n  provider: source\n  source: {${from}}\n${more}`, files);
  const COMPILERS = ['make', 'gcc', 'libelf', 'openssl headers', 'ccache', 'ncurses headers'];

  it('are for compiling only where the kernel is built from source', () => {
    const packaged = [...tools('distribution: debian\n').keys()];
    expect(packaged).to.include('depmod');
    expect(packaged.filter((name) => COMPILERS.includes(name))).to.deep.equal([]);
    expect(source('debian: linux-source-6.1')).to.include.keys(COMPILERS);
  });

  it('download and verify a source of kernel.org or of an address, whatever the distribution', () => {
    const keys = { 'key.asc': '', 'x.tar': '' };
    expect(source('version: longterm').get('curl')?.neededBy).to.deep.equal(['kernel']);
    expect(source('version: longterm').has('gpgv')).to.equal(false);
    expect(source('version: longterm, keys: [key.asc]', '', keys).has('gpgv')).to.equal(true);
    expect(source('url: "http://x/l.tar.gz"').has('curl')).to.equal(true);
    const signed = 'file: x.tar, signature: "http://x/x.tar.sig", keys: [key.asc]';
    expect(source(signed, '', keys).has('curl')).to.equal(true);
    expect(source('file: x.tar', '', keys).has('curl')).to.equal(false);
    expect(source('debian: linux-source-6.1').get('apt-get')?.neededBy).to.deep.equal(['pacstrap', 'kernel']);
  });

  it('unpack the tarball', () => {
    for (const [end, tool] of [
      ['tar.bz2', 'bzip2'],
      ['tgz', 'gzip'],
      ['tar.zst', 'zstd'],
    ] as const) {
      expect(source(`url: "http://x/linux.${end}"`).get(tool)?.neededBy, end).to.include('kernel');
    }
    expect(source('url: "http://x/linux.tar.xz"').has('bzip2')).to.equal(false);
  });

  it('compress the kernel and its modules as options, fragments and the base ask for it', () => {
    const from = 'debian: linux-source-6.1';
    const lzo = source(from, '  options: {KERNEL_LZO: y}\n');
    expect(lzo.get('lzop')).to.include({ debian: 'lzop', arch: 'lzop', optional: false });
    const files = {
      'own.config': 'CONFIG_KERNEL_LZ4=y\n',
      'base.config': 'CONFIG_KERNEL_BZIP2=y\nCONFIG_MODULE_COMPRESS_ZSTD=y\n',
    };
    expect(source(from, '  fragments: [own.config]\n', files).has('lz4')).to.equal(true);
    const based = source(from, '  base: base.config\n', files);
    expect(based.has('bzip2')).to.equal(true);
    expect(based.get('zstd')?.neededBy).to.include('kernel');
    const both = source(from, '  base: base.config\n  fragments: [own.config]\n', files);
    expect([both.has('lz4'), both.has('bzip2')]).to.deep.equal([true, false]);
    expect(source(from, '  fragments: [own.config]\n', { 'own.config': 'nonsense\n' }).has('gcc')).to.equal(
      true,
    );
  });

  it('are optional where the steps do without them', () => {
    const from = source('debian: linux-source-6.1');
    expect([...from.values()].filter(({ optional }) => optional).map(({ name }) => name)).to.deep.equal([
      'ccache',
      'ncurses headers',
    ]);
    expect(from.get('ncurses headers')?.neededBy).to.deep.equal(['kernel:menuconfig']);
    const stated = source('debian: linux-source-6.1', '  make: {launcher: ccache}\n');
    expect(stated.get('ccache')?.optional).to.equal(false);
    expect(source('debian: linux-source-6.1', '  make: {launcher: none}\n').has('ccache')).to.equal(false);
  });
});
