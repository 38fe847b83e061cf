import { cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect } from 'chai';
import { importStack, writeImported } from '../../../lib/import/write';
import { importedFiles, importNamed } from '../../../tasks/import-dock0';
import { loadConfig } from '../../helpers/config';
import { testFolder } from '../../helpers/folder';

const FIXTURE = resolve(__dirname, '../../fixtures/my_dock0');
const STACK = ['config.yaml', 'configs/harbor.yaml', 'configs/pier.yaml'];

describe('importing a dock0 stack', () => {
  const folder = testFolder();
  beforeEach(() => cpSync(FIXTURE, folder.path(), { recursive: true, verbatimSymlinks: true }));
  const load = (...hosts: string[]) =>
    loadConfig({ files: ['dock0.yaml'], hosts, cwd: folder.path(), env: {} });

  it('makes a valid configuration for every host', async () => {
    writeImported(await importStack(STACK, folder.path()));
    const { base, hosts } = load('harbor', 'pier');
    expect(base.packages).to.deep.equal(['base', 'docker', 'iptables-nft', 'openssh']);
    expect(base.fs).to.deep.include({ backend: 'image', size: '3072M' });
    expect(base.cleanup).to.deep.include({
      users: ['ftp', 'http'],
      paths: ['/srv/ftp', '/etc/skel/.bashrc'],
    });
    expect(base.commands.chroot).to.include('systemctl enable docker.service');
    expect(base.kernel).to.deep.include({ provider: 'source', revision: '_2', cmdline: ['console=ttyS0'] });
    expect(base.kernel.base).to.equal(folder.path('kernels/3.13.1'));
    expect(base.volumes.docker).to.deep.include({ label: 'docker', path: '/var/lib/docker' });
    expect(base.install.cow).to.deep.include({ label: 'scratch' });
    expect(hosts.map(({ config }) => [config.name, config.hostname, config.network.dhcp])).to.deep.equal([
      ['harbor', 'harbor', false],
      ['pier', 'pier-one', false],
    ]);
    expect(hosts[0]?.config.network.interfaces['e*']).to.deep.include({
      addresses: ['192.0.2.10/24', '198.51.100.7/24', '2001:db8::10/64'],
      gateway: ['192.0.2.1', 'fe80::1'],
    });
    const [harbor, pier] = hosts.map(({ config }) => config.containers);
    expect(harbor).to.deep.equal({});
    expect(pier?.web).to.deep.include({ image: 'example/web', ports: ['8080:80'], volumes: [] });
  });

  it('notes what it does not carry over', async () => {
    const { notes, files } = await importStack(STACK, folder.path());
    const said = notes.join('\n');
    expect(said).to.contain('overlay/etc/mail/relay.conf: left out').and.contain('Time.now.utc.iso8601');
    expect(files.map(({ path }) => path)).to.not.include('templates/etc/mail/relay.conf.ejs');
    expect(said).to.contain('scripts/banner.rb: Ruby').and.contain('scripts/cleanup.rb: the key cleanup');
    expect(said)
      .to.match(/kernel\.modules: .*lvm2/)
      .and.match(/lvm\.device: \/dev\/sdy/)
      .and.match(/containers: web: run by units of systemd now/);
    expect(said)
      .to.match(/paths\.device: not needed/)
      .and.match(/kernel\.version: 3\.13\.1/);
  });

  it("accepts a stack of dock0's last months: VERSION_REVISION, cow_dev, no volume for Docker", async () => {
    const late = folder.path('late');
    writeImported(await importStack(['config.yaml', 'configs/harbor.yaml', 'configs/pier.yaml'], late));
    const { base, hosts } = loadConfig({
      files: ['dock0.yaml'],
      hosts: ['harbor', 'pier'],
      cwd: late,
      env: {},
    });
    expect(base.kernel).to.deep.include({ provider: 'source', revision: '_1', cmdline: ['quiet'] });
    expect(base.kernel.source.version).to.equal('3.18');
    expect(base.install.cow).to.deep.include({ label: 'scratch' });
    expect(base.volumes).to.have.all.keys('docker');
    expect(base.cleanup.packages).to.deep.equal(['nano']);
    expect(hosts.map(({ config }) => config.vars.hypervisor)).to.deep.equal(['kvm', 'xen']);
  });

  it('accepts the layout of later versions: fs, a folder of templates, symbols as keys', async () => {
    mkdirSync(folder.path('symbols/templates/etc'), { recursive: true });
    writeFileSync(
      folder.path('symbols/config.yaml'),
      ':paths:\n  :templates: ./templates\n  :output: ./root.sfs\nfs: {size: 512, type: ext4, flags: -F}\norg: someone\nowner: me\n',
    );
    writeFileSync(folder.path('symbols/templates/etc/owner'), 'owned by <%= @config[:owner].upcase %>\n');
    const { files, notes } = await importStack(['symbols/config.yaml'], folder.path());
    expect(files.map(({ path }) => path)).to.deep.equal(['dock0.yaml', 'templates-ejs/etc/owner.ejs']);
    expect(files[1]?.text).to.equal('owned by <%= vars.owner.toUpperCase() %>\n');
    expect(files[0]?.text)
      .to.match(/^ +size: 512M$/m)
      .and.match(/^templates: \.\/templates-ejs$/m);
    expect(notes.join('\n'))
      .to.contain('org: dock0 install')
      .and.contain('fs.flags')
      .and.contain('paths.output');
  });

  it('leaves addresses and gateways out that are none, and says so', async () => {
    const wrong = 'networking: {ipv4_addrs: [192.0.2.10/24, 192.0.2.11], ipv4_gateway: 198.51.100.1}\n';
    writeFileSync(folder.path('configs/quay.yaml'), wrong);
    const imported = await importStack(['config.yaml', 'configs/quay.yaml'], folder.path());
    writeImported(imported);
    const { notes } = imported;
    const { interfaces } = load('quay').hosts[0]?.config.network ?? {};
    expect(interfaces?.['e*']).to.deep.include({ addresses: ['192.0.2.10/24'], gateway: [] });
    expect(notes.join('\n'))
      .to.contain('networking.ipv4_addrs: not carried over: "192.0.2.11"')
      .and.contain('networking.ipv4_gateway: not carried over: "198.51.100.1"');
  });

  it('overwrites nothing', async () => {
    writeFileSync(folder.path('dock0.yaml'), 'name: mine\n');
    const imported = await importStack(STACK, folder.path());
    expect(() => writeImported(imported)).to.throw('dock0.yaml: already there');
    expect(existsSync(folder.path('templates'))).to.equal(false);
    expect(readFileSync(folder.path('dock0.yaml'), 'utf8')).to.equal('name: mine\n');
  });

  it('names a host after its file, in letters that --host accepts, and refuses duplicate names', async () => {
    writeFileSync(folder.path('configs/Quay_2.yaml'), 'hostname: quay\n');
    writeImported(await importStack(['config.yaml', 'configs/Quay_2.yaml'], folder.path()));
    expect(load('quay-2').hosts[0]?.config.hostname).to.equal('quay');
    const again = importStack(['config.yaml', 'configs/pier.yaml', './configs/pier.yaml'], folder.path());
    const message = await again.then(() => 'nothing', String);
    expect(message).to.equal('./configs/pier.yaml: another host is called pier too');
  });

  it('reports an invalid file in one line', async () => {
    const message = async (...files: string[]): Promise<string> => {
      try {
        await importStack(files, folder.path());
      } catch (error) {
        return String(error);
      }
      return 'nothing';
    };
    writeFileSync(folder.path('list.yaml'), '- a\n- b\n');
    writeFileSync(folder.path('broken.yaml'), 'a: [b\n');
    expect(await message('nothing.yaml')).to.contain('nothing.yaml: no such file');
    expect(await message('list.yaml')).to.contain(
      'list.yaml: expected a dock0 configuration, which is a map of keys',
    );
    expect(await message('broken.yaml')).to.match(/^broken\.yaml:2:1: \S+/);
    writeFileSync(folder.path('tab.yaml'), 'domain: example.org\nkernel:\n\tversion: 4.9\n');
    expect(await message('tab.yaml')).to.match(/^tab\.yaml:3:1: tab characters .*\n {2}This parser .*tabs/);
    writeFileSync(folder.path('colon.yaml'), 'motto: one rule: be brief\n');
    expect(await message('colon.yaml')).to.match(/^colon\.yaml:1:\d+: \S+/);
    writeFileSync(folder.path('two.yaml'), 'a: 1\n---\nb: 2\n');
    expect(await message('two.yaml')).to.contain('two.yaml: expected one document, found 2');
    expect(await message()).to.contain('no file given');
  });

  it('is what the task does with the files after its name', async () => {
    expect(importedFiles(['import-dock0', 'a.yaml', 'b.yaml', '--verbose'])).to.deep.equal([
      'a.yaml',
      'b.yaml',
    ]);
    expect(importedFiles(['build', '--config', 'a.yaml'])).to.deep.equal([]);
    const said: string[] = [];
    await importNamed(['import-dock0', ...STACK], folder.path(), (line) => said.push(line));
    expect(said.slice(0, 3)).to.deep.equal([
      'wrote dock0.yaml',
      'wrote configs/hosts/harbor.yaml',
      'wrote configs/hosts/pier.yaml',
    ]);
    expect(existsSync(join(folder.path(), 'templates/etc/hosts.ejs'))).to.equal(true);
  });
});
