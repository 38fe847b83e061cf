import { mkdirSync, writeFileSync } from 'node:fs';
import { expect } from 'chai';
import type { Config } from '../../../lib/config/schema';
import { type Imported, importStack, writeImported } from '../../../lib/import/write';
import { loadConfig } from '../../helpers/config';
import { testFolder } from '../../helpers/folder';

describe('the kernel of a dock0 stack', () => {
  const folder = testFolder();
  const imported = async (yaml: string): Promise<{ kernel: Config['kernel']; notes: string }> => {
    writeFileSync(folder.path('config.yaml'), yaml);
    writeFileSync(folder.path('packages'), 'base\n');
    const made: Imported = await importStack(['config.yaml'], folder.path());
    writeImported(made);
    const { base } = loadConfig({ files: ['dock0.yaml'], cwd: folder.path(), env: {} });
    return { kernel: base.kernel, notes: made.notes.join('\n') };
  };

  const versions: [string, string, string][] = [
    ['3.13.6', '3.13.6', '-dock0'],
    ['3.10', '3.10', '-dock0'],
    ['3.17_1', '3.17', '_1'],
    ['3.17.1_2', '3.17.1', '_2'],
    ['3.17.0_1', '3.17', '_1'],
    ['3.16-rc3_1', '3.16', '_1'],
    ['4.9-rc2', '4.9', '-dock0'],
    ['newest', 'longterm', '-dock0'],
  ];
  for (const [stated, version, revision] of versions) {
    it(`has the version ${version} and the revision ${revision} where the stack has ${stated}`, async () => {
      const { kernel, notes } = await imported(`kernel: {version: ${stated}}\n`);
      expect(kernel.source.version).to.equal(version);
      expect(kernel.revision).to.equal(revision);
      if (stated !== version) expect(notes).to.contain(`kernel.version: ${stated}`);
    });
  }

  it('has the revision of the stack, and the .config of its version', async () => {
    mkdirSync(folder.path('kernels'));
    writeFileSync(folder.path('kernels/4.4-rc3'), 'CONFIG_SQUASHFS=y\n');
    const { kernel } = await imported('kernel: {version: 4.4-rc3_1, revision: 4, configs: ./kernels}\n');
    expect(kernel.revision).to.equal('_4');
    expect(kernel.base).to.equal(folder.path('kernels/4.4-rc3'));
    expect(kernel.fragments).to.deep.equal([]);
  });

  it("keeps the words of the kernel command line, except those of dock0's own hook, which are noted", async () => {
    const own = ['root', 'archisodevice', 'archisobasedir', 'cow_dev', 'rw_dev', 'cow_device'];
    const lost = ['cow_directory', 'cow_persistent', 'cowfile_size'];
    const options = [...own, ...lost].map((name) => `    ${name}: x\n`).join('');
    const { kernel, notes } = await imported(
      `kernel:\n  options:\n${options}    fancy: \${doit}\n    console: ttyS0 ro\n    quiet:\n    list: [a]\n`,
    );
    expect(kernel.cmdline).to.deep.equal([`fancy=\${doit}`, 'console=ttyS0', 'ro', 'quiet']);
    for (const name of own) expect(notes).to.contain(`kernel.options.${name}: `);
    for (const name of lost) expect(notes).to.contain(`kernel.options.${name}: not carried over: `);
    expect(notes).to.contain('kernel.options.list: not a single value');
  });

  it("is merged with the host's, as dock0 did", async () => {
    mkdirSync(folder.path('configs'));
    writeFileSync(folder.path('configs/pier.yaml'), 'kernel: {options: {debug: 1}, patience: 2}\n');
    writeFileSync(folder.path('config.yaml'), 'kernel: {version: 4.9, options: {console: ttyS0}}\n');
    const made = await importStack(['config.yaml', 'configs/pier.yaml'], folder.path());
    writeImported(made);
    const { hosts } = loadConfig({ files: ['dock0.yaml'], hosts: ['pier'], cwd: folder.path(), env: {} });
    expect(hosts[0]?.config.kernel).to.deep.include({
      provider: 'source',
      cmdline: ['console=ttyS0', 'debug=1'],
    });
    expect(hosts[0]?.own.kernel).to.deep.equal({ cmdline: ['console=ttyS0', 'debug=1'] });
    expect(made.notes.filter((note) => /^pier: kernel/.test(note))).to.deep.equal([
      'pier: kernel.patience: no equivalent here',
    ]);
  });

  it('does not keep the shared .config for a host with its own version', async () => {
    mkdirSync(folder.path('configs'));
    mkdirSync(folder.path('kernels'));
    writeFileSync(folder.path('kernels/4.9'), 'CONFIG_SQUASHFS=y\n');
    writeFileSync(folder.path('kernels/4.14'), 'CONFIG_SQUASHFS=y\n');
    writeFileSync(folder.path('configs/a.yaml'), 'kernel: {version: 4.14}\n');
    writeFileSync(folder.path('configs/b.yaml'), 'kernel: {version: 4.19}\n');
    writeFileSync(folder.path('config.yaml'), 'kernel: {version: 4.9, configs: kernels}\n');
    writeImported(await importStack(['config.yaml', 'configs/a.yaml', 'configs/b.yaml'], folder.path()));
    const { base, hosts } = loadConfig({
      files: ['dock0.yaml'],
      hosts: ['a', 'b'],
      cwd: folder.path(),
      env: {},
    });
    const kernels = [base, ...hosts.map(({ config }) => config)].map(({ kernel }) => kernel);
    expect(kernels.map(({ source }) => source.version)).to.deep.equal(['4.9', '4.14', '4.19']);
    expect(kernels.map(({ base: from }) => from)).to.deep.equal([
      folder.path('kernels/4.9'),
      folder.path('kernels/4.14'),
      'allno',
    ]);
    expect(kernels.map(({ fragments }) => fragments.length)).to.deep.equal([0, 0, 4]);
  });
});
