import { mkdirSync, renameSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { hashIndexOf } from '../../../lib/engine/hash-index';
import { digestOf } from '../../../lib/engine/inputs';
import { Dock0Error } from '../../../lib/error';
import { renderTree } from '../../../lib/root/templates';
import { templateData } from '../../../lib/streams/template';
import { testFolder } from '../../helpers/folder';

describe('what a template includes', () => {
  const folder = testFolder();
  const write = (name: string, text: string): void => {
    mkdirSync(join(folder.path(name), '..'), { recursive: true });
    writeFileSync(folder.path(name), text);
  };
  /** What a template `etc/motd` of the folder `t` becomes. */
  const rendered = async (text: string, variables: object = { name: 'web' }): Promise<string> => {
    write('t/etc/motd.ejs', text);
    const placed = await renderTree(folder.path('t'), templateData(variables));
    const thing = placed.find(({ path }) => path === 'etc/motd');
    return String(thing?.kind === 'file' ? thing.content : undefined);
  };
  const failure = (text: string): Promise<Dock0Error> =>
    rendered(text).then(
      (content) => new Dock0Error(`it did not fail, but rendered ${content}`),
      (error) => error,
    );
  const refused = async (stated: string): Promise<void> => {
    const error = await failure(`one\n<%- include(${JSON.stringify(stated)}) %>\n`);
    expect(error, error.message).to.be.instanceOf(Dock0Error);
    expect(error.message).to.match(/t\/etc\/motd\.ejs:2: include\(".*"\) leads outside of .*\/t$/);
    expect(error.message).to.contain(`include(${JSON.stringify(stated)})`);
    expect(error.hint).to.match(/^Put the file into .*t\/\.include, /);
  };

  it('is found beside it, above it and by an absolute path, with or without .ejs', async () => {
    write('t/etc/part.ejs', 'part of <%= name %>');
    write('t/.include/whole.txt', '<%- include("../etc/part") %> & <%= x %>');
    symlinkSync('../etc/part.ejs', folder.path('t/.include/link.ejs'));
    symlinkSync(folder.path('t/etc/part.ejs'), folder.path('t/.include/absolute.ejs'));
    const text = '<%- include("part.ejs") %>|<%- include("../.include/whole.txt", { x: 1 }) %>|';
    expect(await rendered(text)).to.equal('part of web|part of web & 1|');
    for (const path of [folder.path('t/etc/part'), '../.include/link', '../.include/absolute'])
      expect(await rendered(`<%- include(${JSON.stringify(path)}) %>`), path).to.equal('part of web');
  });

  it('is found where the folder itself is behind a link', async () => {
    write('t/etc/part.ejs', 'part');
    await rendered(`<%- include("part") %><%- include(${JSON.stringify(folder.path('t/etc/part'))}) %>`);
    renameSync(folder.path('t'), folder.path('real'));
    symlinkSync('real', folder.path('t'));
    expect(await rendered('<%- include("part") %>')).to.equal('part');
    expect(await rendered(`<%- include(${JSON.stringify(folder.path('real/etc/part'))}) %>`)).to.equal(
      'part',
    );
  });

  it('is refused outside of the folder: above it, by an absolute path, or in one with a name that begins the same', async () => {
    write('shared/part.ejs', 'outside');
    write('tt/part.ejs', 'outside');
    const upAndDown = join(folder.path('t'), '..', 'shared/part');
    for (const path of [
      '../../shared/part',
      upAndDown,
      `${folder.path('t')}/../shared/part.ejs`,
      '../../tt/part',
    ])
      await refused(path);
  });

  it('is refused behind a link that leads outside: of a file, of a folder, and of one that leads back', async () => {
    write('shared/part.ejs', 'outside');
    write('t/etc/part.ejs', 'inside');
    symlinkSync('../../shared/part.ejs', folder.path('t/etc/file.ejs'));
    symlinkSync('../../shared', folder.path('t/etc/folder'));
    // Its target may be changed without a change of anything in the folder.
    symlinkSync('../t/etc/part.ejs', folder.path('shared/back.ejs'));
    symlinkSync('../../shared/back.ejs', folder.path('t/etc/back.ejs'));
    symlinkSync('loop.ejs', folder.path('t/etc/loop.ejs'));
    for (const path of ['file', 'folder/part', 'back', '../../shared/back']) await refused(path);
    expect((await failure('<%- include("loop") %>')).message).to.match(/motd\.ejs:1: include\("loop"\)/);
  });

  it('is refused where the template in between is at fault, which is the one named', async () => {
    write('shared/part.ejs', 'outside');
    write('t/.include/between.ejs', 'x\nx\n<%- include("../../shared/part") %>');
    const error = await failure('<%- include("../.include/between") %>');
    expect(error.message).to.match(
      /t\/\.include\/between\.ejs:3: include\("\.\.\/\.\.\/shared\/part"\) leads/,
    );
  });

  it('is named with the line that fails in it, and with its wrong syntax', async () => {
    write('t/.include/part.ejs', 'x\n<%= nosuch.key %>');
    const error = await failure('<%- include("../.include/part") %>');
    expect(error.message).to.match(/t\/\.include\/part\.ejs:2: nosuch is not defined$/);
    write('t/.include/part.ejs', '<% if (name) { %>');
    const syntax = await failure('<%- include("../.include/part") %>');
    expect(syntax.message).to.match(/t\/\.include\/part\.ejs: .*[Uu]nexpected/);
    write('t/.include/part.ejs', '');
    expect((await failure('x\n<%- include("nothing") %>')).message).to.match(
      /t\/etc\/motd\.ejs:2: include\("nothing"\): no such file$/,
    );
  });

  it('and nothing else is in .include: its files need variables that only an include gives, and stay out of the image', async () => {
    write('t/.include/part.ejs', '<%= given %>');
    write('t/etc/.include/x', 'is a file of the image');
    expect(await rendered('<%- include("../.include/part", { given: 1 }) %>')).to.equal('1');
    const placed = await renderTree(folder.path('t'), {});
    expect(placed.map(({ path }) => path)).to.deep.equal([
      'etc',
      'etc/.include',
      'etc/.include/x',
      'etc/motd',
    ]);
  });

  it('is hashed with the folder, whatever its name', async () => {
    const digest = (): string =>
      JSON.stringify(digestOf({ path: folder.path('t') }, hashIndexOf(folder.path('cache'))));
    for (const name of ['.include/part.ejs', '.git/part.ejs', 'etc/part.ejs~', 'etc/.hidden.ejs']) {
      write(`t/${name}`, 'one');
      const text = `<%- include("../${name}") %>`;
      expect(await rendered(text), name).to.equal('one');
      const before = digest();
      write(`t/${name}`, 'two');
      expect(await rendered(text), name).to.equal('two');
      expect(digest(), name).to.not.equal(before);
    }
  });
});

describe('what a template sees', () => {
  const folder = testFolder();
  const rendered = async (text: string, variables: object = {}): Promise<string> => {
    writeFileSync(folder.path('x'), text);
    const [thing] = await renderTree(folder.path(), templateData(variables));
    return String(thing?.kind === 'file' ? thing.content : undefined);
  };

  it('is neither process nor require nor the global object, in an include neither', async () => {
    const text =
      '<%= [typeof process, typeof require, typeof global, typeof globalThis, typeof fetch, this.process] %>';
    const none = 'undefined,undefined,undefined,undefined,undefined,';
    expect(await rendered(text)).to.equal(none);
    mkdirSync(folder.path('.include'));
    writeFileSync(folder.path('.include/part.ejs'), text);
    expect(await rendered('<%- include(".include/part") %>')).to.equal(none);
  });

  it('is said where it uses one of them', async () => {
    const failure = (text: string): Promise<Dock0Error> =>
      rendered(text).then(
        () => new Dock0Error('it did not fail'),
        (error) => error,
      );
    const env = await failure('\n<%= process.env.HOME %>');
    expect(env.message).to.match(/x:2: Cannot read .*; a template has no `process`$/);
    expect(env.hint).to.contain('env:NAME');
    expect((await failure('<%= require("fs") %>')).message).to.match(
      /x:1: require is not a function; a template has no `require`$/,
    );
    expect((await failure('<%= vars.process.id %>')).message).to.match(/x:1: vars is not defined$/);
  });

  it('is a variable of such a name, where there is one', async () => {
    expect(await rendered('<%= process %> <%= locals.process %>', { process: 'mine' })).to.equal('mine mine');
  });

  it('is no more than its variables', async () => {
    expect(await rendered('<%= Object.keys(locals).sort() %>', { a: 1 })).to.equal('a,config');
  });

  it('is the same for each: what one changes, another does not see', async () => {
    writeFileSync(folder.path('a'), '<% vars.list.push(2); config.vars.x = 1; vars = 0 -%>');
    writeFileSync(folder.path('b'), '<%= vars.list %> <%= typeof vars.x %>');
    const variables = { vars: { list: [1] } };
    const placed = await renderTree(folder.path(), templateData(variables));
    expect(placed[1]).to.include({ path: 'b', content: '1 undefined' });
    expect(variables).to.deep.equal({ vars: { list: [1] } });
  });
});
