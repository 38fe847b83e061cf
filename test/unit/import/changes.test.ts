import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { expect } from 'chai';
import { importStack, writeImported } from '../../../lib/import/write';
import { loadConfig } from '../../helpers/config';
import { testFolder } from '../../helpers/folder';

describe('what a dock0 stack does to its root', () => {
  const folder = testFolder();
  const imported = async (shared: string, host = '') => {
    mkdirSync(folder.path('configs'), { recursive: true });
    writeFileSync(folder.path('config.yaml'), shared);
    writeFileSync(folder.path('configs/pier.yaml'), host);
    const made = await importStack(['config.yaml', 'configs/pier.yaml'], folder.path());
    writeImported(made);
    const loaded = loadConfig({ files: ['dock0.yaml'], hosts: ['pier'], cwd: folder.path(), env: {} });
    return { base: loaded.base, pier: loaded.hosts[0], notes: made.notes };
  };

  it('is carried over: users, paths and packages to remove, and commands', async () => {
    const { base, pier } = await imported(
      `cleanup: {users: [ftp], paths: [srv/ftp], packages: [nano]}\ncommands: {chroot: ["echo \${HOME}"]}\n`,
      'cleanup: {packages: [vi]}\n',
    );
    expect(base.cleanup).to.deep.equal({ users: ['ftp'], paths: ['/srv/ftp'], packages: ['nano'] });
    expect(base.commands.chroot).to.deep.equal([`echo \${HOME}`]);
    expect(pier?.own.cleanup?.packages).to.deep.equal(['vi']);
  });

  it('is noted if it is unknown or not a string', async () => {
    const { base, notes } = await imported(
      'cleanup: {groups: [games], users: [{a: b}]}\ncommands:\n  guest: [ls]\n  chroot:\n    - echo one: two\n    - pwd\nfs: big\n',
    );
    expect(base.commands.chroot).to.deep.equal(['pwd']);
    expect(notes).to.include.members([
      `cleanup.groups: not carried over: ["games"]`,
      `cleanup.users: not carried over, since it is not a string: {"a":"b"}`,
      `commands.guest: not carried over: ["ls"]`,
      `commands.chroot: not carried over, since it is not a string: {"echo one":"two"}`,
      `fs: not carried over, since it is not a map: "big"`,
    ]);
  });

  it('is noted in a single line, also at the top of the file it concerns', async () => {
    mkdirSync(folder.path('templates'));
    writeFileSync(folder.path('templates/list'), '<% `ls`.lines\n.each do |x| %>\n<% end %>\n');
    const { notes } = await imported(
      'domain: example.org\ncommands:\n  chroot:\n    - |\n      cd /etc\n      ln -s ../usr/share/zoneinfo/UTC localtime\n',
    );
    const text = readFileSync(folder.path('dock0.yaml'), 'utf8');
    for (const said of ['commands.chroot: "cd /etc ln -s', 'templates/list: left out; rewrite this Ruby'])
      expect(notes.find((note) => note.startsWith(said))).to.satisfy((note: string) =>
        text.includes(`\n# - ${note}\n`),
      );
  });

  it('is noted if a host sets what all hosts share', async () => {
    const { notes } = await imported(
      '',
      'root_size: 512\nlvm: {name: other}\nfs: {type: xfs}\ntemplates: [etc/motd]\npaths: {output: ./x}\n',
    );
    for (const key of ['root_size', 'lvm', 'fs', 'templates'])
      expect(notes.join('\n')).to.contain(`pier: ${key}: not carried over from a host`);
    expect(notes.join('\n')).to.contain('pier: paths.output: a host has no paths');
  });

  it('starts with the packages of a Docker host if the stack lists none', async () => {
    const { base, notes } = await imported('paths: {overlay: ./nowhere}\n');
    expect(base.packages).to.deep.equal(['base', 'docker', 'iptables']);
    expect(notes.join('\n'))
      .to.contain('paths.package_list: ./packages lists no packages')
      .and.contain('paths.overlay: there is no ./nowhere');
  });
});
