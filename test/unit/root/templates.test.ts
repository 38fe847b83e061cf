import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { expect } from 'chai';
import { renderTree } from '../../../lib/root/templates';
import { testFolder } from '../../helpers/folder';

describe('templates', () => {
  const folder = testFolder();
  beforeEach(() => mkdirSync(folder.path('etc')));

  const failure = (text: string): Promise<Error> => {
    writeFileSync(folder.path('etc/motd'), text);
    return renderTree(folder.path(), { name: 'x' }).then(
      () => new Error('it did not fail'),
      (error) => error,
    );
  };

  it('are rendered with the configuration, without HTML escapes, and lose the suffix .ejs', async () => {
    writeFileSync(folder.path('etc/motd.ejs'), 'This is <%= name %> & <%= vars.quote %>\n');
    symlinkSync('motd', folder.path('etc/issue'));
    const placed = await renderTree(folder.path(), { name: 'web', vars: { quote: '"<>"' } });
    expect(placed.map(({ path }) => path)).to.deep.equal(['etc', 'etc/issue', 'etc/motd']);
    expect(placed[2]).to.include({ kind: 'file', content: 'This is web & "<>"\n' });
  });

  it('name file and line when they throw', async () => {
    const error = await failure('one\ntwo\n<%= nosuch.key %>\n');
    expect(error.message).to.match(/etc\/motd:3: nosuch is not defined$/);
  });

  it('name the file when their syntax is wrong', async () => {
    const error = await failure('<% if (name) { %>\n');
    expect(error.message).to.match(/etc\/motd: .*[Uu]nexpected/);
  });

  it('leave a file alone that is not valid UTF-8', async () => {
    const bytes = Buffer.concat([Buffer.from('\x89PNG <% ', 'latin1'), Buffer.alloc(9, 0xff)]);
    writeFileSync(folder.path('etc/logo.png'), bytes);
    writeFileSync(folder.path('etc/motd.ejs'), '<%= name %>');
    const placed = await renderTree(folder.path(), { name: 'web' });
    expect(placed[1]).to.deep.equal({
      path: 'etc/logo.png',
      source: folder.path('etc/logo.png'),
      kind: 'file',
      mode: 0o644,
    });
    expect(placed[2]).to.include({ path: 'etc/motd', content: 'web' });
  });

  it('are an error when two of them have one target', async () => {
    writeFileSync(folder.path('etc/x.conf'), 'one');
    writeFileSync(folder.path('etc/x.conf.ejs'), 'two');
    const error = await renderTree(folder.path(), {}).catch((thrown) => thrown);
    expect(error.message).to.match(/etc\/x\.conf and .*etc\/x\.conf\.ejs both become \/etc\/x\.conf$/);
  });
});
