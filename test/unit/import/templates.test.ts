import { cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect } from 'chai';
import { type Imported, importStack, writeImported } from '../../../lib/import/write';
import { renderTree } from '../../../lib/root/templates';
import { templateData } from '../../../lib/streams/template';
import { loadConfig } from '../../helpers/config';
import { testFolder } from '../../helpers/folder';

const FIXTURE = resolve(__dirname, '../../fixtures/my_dock0');
const STACK = ['config.yaml', 'configs/harbor.yaml', 'configs/pier.yaml'];

/** Renders what the steps `customize` and `host` do: the shared folders without a host, then all of each host's. */
async function rendered(folder: string, hosts: string[]): Promise<Record<string, Record<string, string>>> {
  const { base, hosts: loaded } = loadConfig({ files: ['dock0.yaml'], hosts, cwd: folder, env: {} });
  const all = [
    { name: 'nobody', folders: base.templates, config: base },
    ...loaded.map(({ name, config, own }) => {
      return { name, folders: [...base.templates, ...(own.templates ?? [])], config };
    }),
  ];
  const files: Record<string, Record<string, string>> = {};
  for (const { name, folders, config } of all) {
    const placed = await Promise.all(folders.map((each) => renderTree(each, templateData(config))));
    files[name] = Object.fromEntries(
      placed.flat().flatMap((each) => ('content' in each ? [[each.path, String(each.content)]] : [])),
    );
  }
  return files;
}

describe('the templates of an imported stack', () => {
  const folder = testFolder();
  const write = (path: string, text: string): void => {
    mkdirSync(join(folder.path(path), '..'), { recursive: true });
    writeFileSync(folder.path(path), text);
  };
  const imported = async (files: string[], at = folder.path()): Promise<Imported> => {
    const made = await importStack(files, at);
    writeImported(made);
    return made;
  };

  it('render for each host, and without a host if possible', async () => {
    cpSync(FIXTURE, folder.path(), { recursive: true, verbatimSymlinks: true });
    const { notes } = await imported(STACK);
    const { nobody, harbor, pier } = await rendered(folder.path(), ['harbor', 'pier']);
    expect(nobody).to.have.all.keys('etc/hostname', 'etc/hosts', 'etc/systemd/network/main.network');
    expect(harbor?.['etc/hosts']).to.contain('127.0.1.1 harbor.example.org harbor\n');
    expect(harbor?.['etc/netctl/main'])
      .to.contain("Hostname='harbor'\n")
      .and.contain("Address=(\n'192.0.2.10/24'\n'198.51.100.7/24'\n)\nGateway='192.0.2.1'\n");
    expect(pier?.['etc/netctl/main']).to.contain("Address=(\n'192.0.2.20/24'\n)\n");
    expect(pier?.['etc/systemd/network/main.network']).to.contain('[Network]\nAddress=192.0.2.20/24\n');
    expect(notes.join('\n')).to.match(
      /overlay\/etc\/netctl\/main: it reads networking, .* templates-hosts; .*as it is in the overlay/,
    );
  });

  it('render from a folder of their own', async () => {
    cpSync(join(FIXTURE, 'late'), folder.path(), { recursive: true });
    const { notes } = await imported(STACK);
    const { nobody, harbor, pier } = await rendered(folder.path(), ['harbor', 'pier']);
    expect(nobody).to.deep.equal({ 'etc/hostname': 'dock0' });
    expect(harbor?.['etc/systemd/network/eth0.network']).to.contain(
      'Address=192.0.2.10/24\nGateway=192.0.2.1',
    );
    expect(pier?.['etc/hostname']).to.equal('pier');
    expect(notes.join('\n')).to.contain("the hosts' own files name templates-ejs-hosts");
  });

  it('are shared if they check for keys that a host does not set', async () => {
    write('config.yaml', 'domain: example.org\n');
    write('configs/a.yaml', 'net: {gateway: 192.0.2.1}\n');
    write('configs/b.yaml', '');
    write(
      'templates/net',
      "<% if @config['net'] %>\nvia <%= @config['net']['gateway'] %>\n<% else %>\ndhcp\n<% end %>\n",
    );
    await imported(['config.yaml', 'configs/a.yaml', 'configs/b.yaml']);
    const { nobody, a, b } = await rendered(folder.path(), ['a', 'b']);
    expect([nobody?.net, a?.net, b?.net]).to.deep.equal(['dhcp\n', 'via 192.0.2.1\n', 'dhcp\n']);
  });

  it('belong only to the hosts that set what they read, with a note about the others', async () => {
    write('config.yaml', '');
    write('configs/a.yaml', 'net: {gateway: 192.0.2.1}\n');
    write('configs/b.yaml', '');
    write('templates/via', "<%= @config['net']['gateway'] %>\n");
    write('templates/none', "<%= @config['kernel']['version'] %>\n");
    const { notes, files } = await imported(['config.yaml', 'configs/a.yaml', 'configs/b.yaml']);
    const { nobody, a, b } = await rendered(folder.path(), ['a', 'b']);
    expect([nobody, a, b]).to.deep.equal([{}, { via: '192.0.2.1' }, {}]);
    expect(files.map(({ path }) => path)).to.not.include('templates-ejs/none.ejs');
    expect(notes.join('\n'))
      .to.match(/^templates\/via: left out for the host b: .*'gateway'/m)
      .and.match(/^templates\/none: left out for the host a: .*'version'/m);
  });

  it('are written for hosts that are not part of the import', async () => {
    write('config.yaml', '');
    write('templates/via', "<%= @config['net']['gateway'] %>\n");
    const { notes } = await imported(['config.yaml']);
    expect(readFileSync(folder.path('templates-ejs-hosts/via.ejs'), 'utf8')).to.contain('vars.net.gateway');
    expect(existsSync(folder.path('templates-ejs'))).to.equal(false);
    expect(notes.join('\n')).to.contain('add templates-ejs-hosts to the `templates` of each host');
  });
});
