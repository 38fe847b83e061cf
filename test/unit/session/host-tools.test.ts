import { writeFileSync } from 'node:fs';
import { expect } from 'chai';
import type { BuildContext } from '../../../lib/build';
import { arch } from '../../../lib/distributions/arch';
import { debian } from '../../../lib/distributions/debian';
import { locateTool, type NeededTool, neededTools, packageOf } from '../../../lib/session/host-tools';
import { commandsFor } from '../../../lib/session/setup';
import { TASKS } from '../../../tasks';
import { testFolder } from '../../helpers/folder';
import { cleanUp, load } from '../config/workspace';

const SHARED = 'distribution: debian\nvolumes: {docker: {label: docker, path: /var/lib/docker}}\n';
const WEB = 'volumes: {data: {label: data, path: /srv, type: xfs}}\n';

describe('the tools of the build host', () => {
  const folder = testFolder();
  afterEach(cleanUp);

  const tools = async (
    yaml: string,
    files: Record<string, string> = {},
  ): Promise<Map<string, NeededTool>> => {
    const { base } = load({ 'dock0.yaml': yaml, ...files });
    const needed = await neededTools(TASKS, { config: base } as BuildContext);
    return new Map(needed.map((tool) => [tool.name, tool]));
  };
  const source = (from: string, more = '', files: Record<string, string> = {}) =>
    tools(`distribution: debian\nkernel:\n  provider: source\n  source: {${from}}\n${more}`, files);
  it('include those of a volume of one host, and what verify makes a disk with', async () => {
    const files = { 'dock0.yaml': SHARED, 'hosts/web.yaml': WEB };
    const { base, hosts } = load(files, { hosts: ['web'] });
    const contexts = [base, ...hosts.map(({ config }) => config)].map(
      (config) => ({ config }) as BuildContext,
    );
    const needed = new Map((await neededTools(TASKS, ...contexts)).map((tool) => [tool.name, tool]));
    expect(needed.get('mkfs.xfs')?.neededBy).to.deep.equal(['verify', 'boot']);
    expect(needed.get('debugfs')?.neededBy).to.include('verify');
  });

  const COMPILERS = ['make', 'gcc', 'libelf', 'openssl headers', 'ccache', 'ncurses headers'];

  it('all have a package on either host, for an image of either distribution', async () => {
    for (const image of ['arch', 'debian']) {
      const needed = await tools(`distribution: ${image}\ninstall: {target: image}\nfs: {backend: image}\n`);
      for (const tool of needed.values())
        for (const host of [arch, debian]) expect(packageOf(tool, host), tool.name).to.be.a('string');
    }
  });

  it("include Arch's keys, which are in one place on Arch and in another on Debian", async () => {
    const keys = (await tools('distribution: arch\n')).get("Arch's keys");
    expect(keys?.files).to.have.members([
      '/usr/share/pacman/keyrings/archlinux.gpg',
      '/usr/share/keyrings/archlinux.gpg',
    ]);
    for (const present of ['a', 'b']) {
      writeFileSync(folder.path(present), '');
      const files = present === 'a' ? ['a', 'none'] : ['none', 'b'];
      const tool = { name: 'keys', files: files.map((name) => folder.path(name)) };
      expect(locateTool(tool)).to.equal(folder.path(present));
    }
    expect(locateTool({ name: 'keys', files: [folder.path('none')] })).to.equal(undefined);
  });

  it('are installed on Arch without newer package lists, which would be half an upgrade', () => {
    const missing = [{ name: 'gpg' }, { name: 'curl' }];
    expect(commandsFor(missing, arch)).to.deep.equal([
      ['pacman', '-S', '--noconfirm', '--needed', '--', 'curl', 'gnupg'],
    ]);
    expect(commandsFor(missing, debian).map((words) => words.slice(0, 2))).to.deep.equal([
      ['apt-get', 'update'],
      ['apt-get', 'install'],
    ]);
  });

  it('may come from a package that only the step knows', () => {
    const missing = [{ name: 'trivy', packages: { debian: 'trivy-scanner' } }];
    expect(commandsFor(missing, debian)[1]).to.include('trivy-scanner');
    expect(commandsFor(missing, arch)).to.deep.equal([]);
  });

  it('are for compiling only where the kernel is built from source', async () => {
    const packaged = [...(await tools('distribution: debian\n')).keys()];
    expect(packaged).to.include('depmod');
    expect(packaged.filter((name) => COMPILERS.includes(name))).to.deep.equal([]);
    expect(await source('debian: linux-source-6.1')).to.include.keys(COMPILERS);
  });

  it('download and verify a source of kernel.org or of an address, whatever the distribution', async () => {
    const keys = { 'key.asc': '', 'x.tar': '' };
    expect((await source('version: longterm')).get('curl')?.neededBy).to.deep.equal(['kernel']);
    expect((await source('version: longterm')).has('gpgv')).to.equal(false);
    expect((await source('version: longterm, keys: [key.asc]', '', keys)).has('gpgv')).to.equal(true);
    expect((await source('url: "http://x/l.tar.gz"')).has('curl')).to.equal(true);
    const signed = 'file: x.tar, signature: "http://x/x.tar.sig", keys: [key.asc]';
    expect((await source(signed, '', keys)).has('curl')).to.equal(true);
    expect((await source('file: x.tar', '', keys)).has('curl')).to.equal(false);
    expect((await source('debian: linux-source-6.1')).get('apt-get')?.neededBy).to.deep.equal([
      'pacstrap',
      'kernel',
    ]);
  });

  it('unpack the tarball', async () => {
    for (const [end, tool] of [
      ['tar.bz2', 'bzip2'],
      ['tgz', 'gzip'],
      ['tar.zst', 'zstd'],
    ] as const) {
      expect((await source(`url: "http://x/linux.${end}"`)).get(tool)?.neededBy, end).to.include('kernel');
    }
    expect((await source('url: "http://x/linux.tar.xz"')).get('xz')?.neededBy).to.include('kernel');
  });

  it('compress the kernel and its modules as options, fragments and the base ask for it', async () => {
    const from = 'debian: linux-source-6.1';
    const lzo = await source(from, '  options: {KERNEL_LZO: y}\n');
    expect(lzo.get('lzop')?.optional).to.equal(undefined);
    const files = {
      'own.config': 'CONFIG_KERNEL_LZ4=y\n',
      'base.config': 'CONFIG_KERNEL_BZIP2=y\nCONFIG_MODULE_COMPRESS_ZSTD=y\n',
    };
    expect((await source(from, '  fragments: [own.config]\n', files)).has('lz4')).to.equal(true);
    const based = await source(from, '  base: base.config\n', files);
    expect(based.has('bzip2')).to.equal(true);
    expect(based.get('zstd')?.neededBy).to.include('kernel');
    const both = await source(from, '  base: base.config\n  fragments: [own.config]\n', files);
    expect([both.has('lz4'), both.has('bzip2')]).to.deep.equal([true, false]);
    expect(
      (await source(from, '  fragments: [own.config]\n', { 'own.config': 'nonsense\n' })).has('gcc'),
    ).to.equal(true);
  });

  it('are optional where the steps do without them', async () => {
    const from = await source('debian: linux-source-6.1');
    expect([...from.values()].filter(({ optional }) => optional).map(({ name }) => name)).to.deep.equal([
      'ccache',
      'UEFI for QEMU',
      'ncurses headers',
    ]);
    expect(from.get('ncurses headers')?.neededBy).to.deep.equal(['kernel:menuconfig']);
    const stated = await source('debian: linux-source-6.1', '  make: {launcher: ccache}\n');
    expect(stated.get('ccache')?.optional).to.equal(undefined);
    expect((await source('debian: linux-source-6.1', '  make: {launcher: none}\n')).has('ccache')).to.equal(
      false,
    );
  });
});
