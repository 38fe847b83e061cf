import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { getDescription } from 'valibot';
import { defaultFile } from '../../../lib/config/default-file';
import { packageFolder } from '../../../lib/config/paths';
import { reference } from '../../../lib/config/reference';
import { schema } from '../../../lib/config/schema';
import { parseSize } from '../../../lib/config/size';
import { bare, keysOf } from '../../../lib/config/walk';
import { loadConfig } from '../../helpers/config';
import { cleanUp, workspace } from './workspace';

describe('the reference of the configuration', () => {
  it('has a row for every key, and every key has a description', () => {
    const rows = reference({ distribution: ['auto', 'arch'] });
    for (const { path, schema: key } of keysOf(schema)) {
      const name = path.join('.');
      expect(rows).to.contain(`\n| \`${name}\` | `);
      expect(getDescription(bare(key)), name).to.match(/\S/);
    }
  });

  it('has types and defaults, and what is required', () => {
    const rows = reference({ distribution: ['auto', 'arch'] }).split('\n');
    expect(rows).to.include('| `squash.compression` | zstd, xz, gzip, lz4, lzo | `zstd` | compression |');
    expect(rows).to.include(
      '| `volumes.*.path` | absolute path in the image | required | mount point in the image |',
    );
    expect(
      rows.every(
        (row) => row === '' || /^\|( [^|]* \|| .*\\\|.* \|| \|){4}$/.test(row) || row.includes('---'),
      ),
    ).to.equal(true);
    expect(reference({})).not.to.contain('undefined');
  });
});

const KEY = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAICoVS+XZw2zOvRH+vA2WGnO+QaNoBn7gnZ6ah3eRcLZM me\n';

describe('the configurations in the package', () => {
  afterEach(cleanUp);

  it('load: the default, with and without the example host', () => {
    const file = join(packageFolder(), 'configs/default.yaml');
    const cwd = workspace({ 'key.pub': KEY });
    const env = { EXAMPLE_KEY: join(cwd, 'key.pub') };
    const { base, hosts, warnings } = loadConfig({ cwd, files: [file], hosts: ['example'], env });
    expect(base.packages).to.include.members(['systemd', 'openssh-server']);
    expect(base.root).to.deep.equal({ password: 'locked', ssh_keys: [] });
    expect(hosts[0]?.own).to.include({ name: 'example', hostname: 'example.lan', timezone: 'UTC' });
    expect(hosts[0]?.own.images).to.deep.equal(['docker.io/library/busybox:1.37']);
    // That nobody can log in is so without the host only.
    expect(warnings).to.deep.equal([]);
    const alone = loadConfig({ cwd, files: [file], env: {} });
    expect(alone.warnings.join()).to.contain('nobody can log in');
  });

  it("are chosen by the host's distribution, where the working directory has none of its own", () => {
    const cwd = workspace({});
    const chosen = (host?: string): string => defaultFile(cwd, host).split('/').slice(-2).join('/');
    expect(chosen('arch')).to.equal('configs/arch.yaml');
    for (const host of ['debian', undefined]) expect(chosen(host), host).to.equal('configs/default.yaml');
    writeFileSync(join(cwd, 'dock0.yaml'), '');
    expect(defaultFile(cwd, 'arch')).to.equal(join(cwd, 'dock0.yaml'));
  });
});

describe('sizes', () => {
  it('are binary multiples', () => {
    expect(['1K', '512M', '4G', '2T'].map(parseSize)).to.deep.equal([
      1024, 536870912, 4294967296, 2199023255552,
    ]);
    for (const size of ['', '4', '0G', '1.5G', '4GB'])
      expect(() => parseSize(size), size).to.throw(RangeError);
  });
});
