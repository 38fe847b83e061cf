import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { expect } from 'chai';
import { gulp, PROJECT, workFolder } from '../helpers/gulp';
import { membersOf } from '../helpers/newc';

describe('the streams in gulp', () => {
  const work = workFolder();
  const png = Buffer.concat([Buffer.from('\x89PNG\r\n<% ', 'latin1'), randomBytes(124)]);

  before(() => {
    mkdirSync(work.path('overlay/etc/empty'), { recursive: true });
    mkdirSync(work.path('overlay/usr/lib'), { recursive: true });
    writeFileSync(work.path('overlay/logo.png'), png, { mode: 0o640 });
    writeFileSync(work.path('overlay/nothing'), '');
    writeFileSync(work.path('overlay/etc/motd.ejs'), '<%= greeting %>\n');
    symlinkSync('../logo.png', work.path('overlay/etc/icon'));
    mkdirSync(work.path('node_modules/gulp-dock0'), { recursive: true });
    const index = `module.exports = require(${JSON.stringify(join(PROJECT, 'tasks'))});`;
    writeFileSync(work.path('node_modules/gulp-dock0/index.js'), index);
  });

  const task = (name: string): ReturnType<typeof gulp> =>
    gulp([name], { cwd: work.path(), gulpfile: work.path('gulpfile.ts') });
  const write = (...lines: string[]): void => {
    const imports = ["import gulp from 'gulp';", "import { cpio, render, squashfs } from 'gulp-dock0';"];
    writeFileSync(work.path('gulpfile.ts'), [...imports, ...lines].join('\n'));
  };
  const packed = (): unknown[] =>
    membersOf(readFileSync(work.path('out/overlay.cpio')), 'latin1').map(({ path, mode, data }) => [
      path,
      mode.toString(8),
      data,
    ]);
  const CONTENT = [
    ['etc', '40755', ''],
    ['etc/empty', '40755', ''],
    ['etc/icon', '120777', '../logo.png'],
    ['etc/motd', '100644', 'hello\n'],
    ['logo.png', '100640', png.toString('latin1')],
    ['nothing', '100644', ''],
    ['usr', '40755', ''],
    ['usr/lib', '40755', ''],
  ];

  it('run as the documentation prints them, with a PNG in the overlay', async () => {
    const text = readFileSync(join(PROJECT, 'docs/extending.md'), 'utf8');
    const [, example] = /^## Streams$[\s\S]*?^```ts\n([\s\S]*?)^```$/m.exec(text) ?? [];
    writeFileSync(work.path('gulpfile.ts'), example as string);
    const { code, output } = await task('overlay');
    expect(code, output).to.equal(0);
    expect((packed() as string[][]).sort()).to.deep.equal(CONTENT);
  });

  it('take files that gulp streams, empty ones too', async () => {
    write(
      'const options = { dot: true, resolveSymlinks: false, encoding: false, buffer: false } as const;',
      "export const pack = () => gulp.src('overlay/**', options).pipe(render({ greeting: 'hello' }))",
      "  .pipe(cpio('overlay.cpio')).pipe(gulp.dest('out'));",
    );
    const { code, output } = await task('pack');
    expect(code, output).to.equal(0);
    expect((packed() as string[][]).sort()).to.deep.equal(CONTENT);
  });

  it('make a task fail, wherever the error is', async () => {
    write(
      "const source = () => gulp.src('overlay/**', { resolveSymlinks: false, encoding: false });",
      'export const alone = () => source().pipe(render({}));',
      "export const before = () => source().pipe(render({})).pipe(gulp.dest('out'));",
      "export const between = () => source().pipe(render({})).pipe(squashfs('x')).pipe(gulp.dest('out'));",
      "export const wrong = () => source().pipe(squashfs('x', { compression: 'zip' } as never));",
    );
    for (const name of ['alone', 'before', 'between']) {
      const { code, output } = await task(name);
      expect(code, output).to.equal(1);
      expect(stripVTControlCharacters(output)).to.match(
        /in plugin "render"\n.*\n.*etc\/motd\.ejs:1: greeting is not defined/,
      );
    }
    const { code, output } = await task('wrong');
    expect(code, output).to.equal(1);
    expect(output).to.contain('compression must be one of zstd, xz, gzip, lz4, lzo, not "zip"');
  });

  it('leave out what is behind a link to a folder with the pattern that the error names', async () => {
    symlinkSync(work.path('overlay/usr'), work.path('overlay/etc/behind'));
    write(
      'const options = { resolveSymlinks: false, encoding: false } as const;',
      "const pack = (source: string[]) => gulp.src(source, options).pipe(render({ greeting: 'hello' }))",
      "  .pipe(cpio('overlay.cpio')).pipe(gulp.dest('out'));",
      "export const all = () => pack(['overlay/**']);",
      "export const some = () => pack(['overlay/**', '!overlay/etc/behind/**/*']);",
    );
    const refused = await task('all');
    expect(refused.code, refused.output).to.equal(1);
    expect(refused.output).to.contain('etc/behind/lib cannot be written: etc/behind is a symbolic link');
    const { code, output } = await task('some');
    expect(code, output).to.equal(0);
    const target = Buffer.from(work.path('overlay/usr')).toString('latin1');
    expect(packed()).to.deep.include(['etc/behind', '120777', target]);
  });
});
