import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { locateTool, packageOf, toolsFor } from '../../../lib/session/tools';
import { commandsFor } from '../../../tasks/setup';
import { loadConfig } from '../../helpers/config';
import { testFolder } from '../../helpers/folder';
import { PROJECT } from '../../helpers/gulp';

describe("the host's tools", () => {
  const folder = testFolder();
  const tools = (name: string) =>
    toolsFor(loadConfig({ files: [join(PROJECT, 'configs', name)], env: {} }).base);

  it('all have a package on an Arch host, for an image of Arch and for one of Debian', () => {
    for (const tool of [...tools('arch.yaml'), ...tools('default.yaml')])
      expect(packageOf(tool, 'arch'), tool.name).to.be.a('string');
  });

  it("count Arch's keys as there where Arch has them, and where Debian's package has them", () => {
    const keys = tools('arch.yaml').find(({ name }) => name === "Arch's keys");
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
    expect(commandsFor(['gnupg', 'curl'], 'arch')).to.deep.equal([
      ['pacman', '-S', '--noconfirm', '--needed', '--', 'gnupg', 'curl'],
    ]);
    expect(commandsFor(['gnupg'], 'debian').map((words) => words.slice(0, 2))).to.deep.equal([
      ['apt-get', 'update'],
      ['apt-get', 'install'],
    ]);
  });
});
