import { randomBytes } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { Readable } from 'node:stream';
import { expect } from 'chai';
import Vinyl from 'vinyl';
import { render } from '../../../lib/streams/render';
import { testFolder } from '../../helpers/folder';
import { broken, failureOf, through, vinyl, vinylLink } from '../../helpers/vinyl';

describe('the stream render()', () => {
  it('renders *.ejs with the variables, buffers and streams alike, and drops the extension', async () => {
    const text = 'This is <%= name %>\n';
    const stream = Readable.from([text.slice(0, 10), text.slice(10)], { objectMode: false });
    const found = await through(render({ name: 'web' }), [
      vinyl('etc/motd.ejs', text, { mode: 0o100640, size: text.length }),
      vinyl('etc/issue.ejs', stream, { size: text.length }),
    ]);
    expect(found.map(({ file, bytes }) => [file.relative, String(bytes), file.stat?.size])).to.deep.equal([
      ['etc/motd', 'This is web\n', 12],
      ['etc/issue', 'This is web\n', 12],
    ]);
    expect(found[0]?.file.stat?.mode).to.equal(0o100640);
  });

  it('passes everything else untouched: binary files, text with <%, streams, links and folders', async () => {
    const binary = Buffer.concat([Buffer.from('\x89PNG <% '), randomBytes(124)]);
    const unread = broken('nobody reads this');
    const given = [
      vinyl('logo.png', binary),
      vinyl('text', '<% not ours'),
      vinyl('large', unread),
      vinylLink('link.ejs', 'nowhere'),
      vinyl('folder.ejs'),
    ];
    const stats = given.map(({ stat }) => ({ ...stat }));
    const stream = render({});
    for (const file of given) stream.write(file);
    stream.end();
    const found = await stream.toArray();
    expect(found).to.deep.equal(given);
    expect(found[0].contents).to.equal(binary);
    expect(found[2].contents).to.equal(unread);
    expect(found.map(({ stat }) => ({ ...stat }))).to.deep.equal(stats);
  });

  it('renders what a filter says instead', async () => {
    const found = await through(render({ x: 1 }, { filter: ({ extname }) => extname === '.conf' }), [
      vinyl('a.conf', '<%= x %>'),
      vinyl('b.ejs', '<%= x %>'),
    ]);
    expect(found.map(({ file, bytes }) => [file.relative, String(bytes)])).to.deep.equal([
      ['a.conf', '1'],
      ['b.ejs', '<%= x %>'],
    ]);
  });

  it('has dates in UTC, wherever it runs', async () => {
    const { TZ } = process.env;
    process.env.TZ = 'Asia/Kathmandu';
    try {
      const found = await through(render({}), [vinyl('a.ejs', '<%= new Date(0).getHours() %>')]);
      expect(found.map(({ bytes }) => String(bytes))).to.deep.equal(['0']);
      expect(new Date(0).getHours()).to.equal(5);
    } finally {
      if (TZ === undefined) delete process.env.TZ;
      else process.env.TZ = TZ;
    }
  });

  it('gives every template a copy of the variables, with the functions in them', async () => {
    const times = new Map<string, unknown>([
      ['a', [1]],
      ['f', Number],
    ]);
    const variables = { list: [{ n: 1 }], day: new Date(0), times, twice: (n: number) => n * 2 };
    const text =
      "<% list[0].n++; list.push(0); day.setFullYear(2000); times.get('a').push(2); times.clear(); config.x = 1 %>" +
      '<%= twice(list[0].n) %> <%= list.length %> <%= list === config.list %>';
    const found = await through(render(variables), [vinyl('a.ejs', text), vinyl('b.ejs', text)]);
    expect(found.map(({ bytes }) => String(bytes))).to.deep.equal(['4 2 true', '4 2 true']);
    expect(variables).to.deep.include({ list: [{ n: 1 }], day: new Date(0) });
    expect([...times]).to.deep.equal([
      ['a', [1]],
      ['f', Number],
    ]);
    expect(variables).to.not.have.property('x');
  });

  it('refuses a template that is not valid UTF-8', async () => {
    const error = await failureOf(render({}), [vinyl('a.ejs', Buffer.from([0x68, 0xff]))]);
    expect(error).to.include({ plugin: 'render', fileName: '/src/a.ejs' });
    expect(error.message).to.equal('a.ejs: a template must be valid UTF-8');
  });

  it('refuses two files that have one name afterwards', async () => {
    const error = await failureOf(render({}), [vinyl('a', 'x'), vinyl('a.ejs', 'y')]);
    expect(error.message).to.equal('a and a.ejs both become a');
  });

  it('makes a file of its own out of a template that has hard links', async () => {
    const stat = { dev: 1, ino: 2, nlink: 2 };
    const [template] = await through(render({}), [vinyl('a.ejs', 'x', stat)]);
    expect(template?.file.stat?.nlink).to.equal(1);
  });

  describe('includes', () => {
    const folder = testFolder();
    const template = (text: string): Vinyl =>
      new Vinyl({ base: folder.path('t'), path: folder.path('t/etc/motd.ejs'), contents: Buffer.from(text) });
    beforeEach(() => {
      mkdirSync(folder.path('t/etc'), { recursive: true });
      mkdirSync(folder.path('t/.include'));
      for (const name of ['t/.include/part.ejs', 'outside.ejs'])
        writeFileSync(folder.path(name), 'part of <%= name %>');
    });

    it('a file below the base of the template', async () => {
      const [motd] = await through(render({ name: 'web' }), [template('<%- include("../.include/part") %>')]);
      expect(String(motd?.bytes)).to.equal('part of web');
    });

    it('no file elsewhere, and says where to put it', async () => {
      const error = await failureOf(render({}), [template('x\n<%- include("../../outside") %>')]);
      expect(error.message).to.match(
        /t\/etc\/motd\.ejs:2: include\("\.\.\/\.\.\/outside"\) leads outside of the folder of templates, .*\/t/,
      );
      expect(String(error)).to.match(/Put the file into .*t\/\.include/);
    });
  });

  it('fails with the error of a template that cannot be read', async () => {
    const error = await failureOf(render({}), [vinyl('a.ejs', broken('EIO'))]);
    expect(error).to.include({ plugin: 'render', fileName: '/src/a.ejs', message: 'a.ejs: EIO' });
  });
});
