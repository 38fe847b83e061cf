import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { expect } from 'chai';
import gulp from 'gulp';
import { run } from '../../lib/system/process';
import { checksums, render, squashfs } from '../../tasks';
import { testFolder } from '../helpers/folder';

describe('the streams in a gulpfile', () => {
  const folder = testFolder();
  const source = (options = {}): NodeJS.ReadWriteStream =>
    gulp.src('in/**', {
      cwd: folder.path(),
      dot: true,
      resolveSymlinks: false,
      encoding: false,
      ...options,
    } as object);
  const through = (...streams: NodeJS.ReadWriteStream[]): Promise<void> =>
    pipeline([
      ...streams,
      gulp.dest('out', { cwd: folder.path() }),
      new Writable({ objectMode: true, write: (_file, _encoding, done) => done() }),
    ]);

  beforeEach(() => {
    mkdirSync(folder.path('in/etc'), { recursive: true });
    writeFileSync(folder.path('in/etc/motd.ejs'), 'This is <%= name %>\n');
    writeFileSync(folder.path('in/run'), '#!/bin/sh\n', { mode: 0o755 });
    symlinkSync('../run', folder.path('in/etc/issue'));
  });

  it('render templates and pack them into a reproducible squashfs image', async () => {
    const sums: string[] = [];
    for (let time = 0; time < 2; time++) {
      await through(source(), render({ name: 'web' }), squashfs('root.squashfs', { epoch: 1_600_000_000 }));
      sums.push((await run('sha256sum', ['-b', folder.path('out/root.squashfs')])).stdout);
    }
    expect(sums[0]).to.equal(sums[1]);
    const { stdout } = await run('unsquashfs', ['-lls', '-d', '', folder.path('out/root.squashfs')]);
    expect(stdout)
      .to.match(/^-rwxr-xr-x root\/root .*\/run$/m)
      .and.match(/\/etc\/issue -> \.\.\/run$/m);
    expect((await run('unsquashfs', ['-cat', folder.path('out/root.squashfs'), 'etc/motd'])).stdout).to.equal(
      'This is web',
    );
    expect(readdirSync(tmpdir()).filter((name) => name.startsWith('dock0-squashfs-'))).to.deep.equal([]);
  });

  it('add checksums that sha256sum accepts', async () => {
    await through(source({ buffer: false }), checksums());
    expect(readFileSync(folder.path('out/SHA256SUMS'), 'utf8')).to.contain('etc/motd.ejs');
    await run('sha256sum', ['--check', '--strict', 'SHA256SUMS'], { cwd: join(folder.path('out')) });
  });

  it('name file and line of a template that throws', async () => {
    writeFileSync(folder.path('in/etc/motd.ejs'), '\n<%= nosuch %>\n');
    const error = await through(source(), render({ name: 'web' })).catch((thrown) => thrown);
    expect(error.message).to.match(/etc\/motd\.ejs:2: nosuch is not defined$/);
  });
});
