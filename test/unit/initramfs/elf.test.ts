import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect } from 'chai';
import { programFiles, readElf, within } from '../../../lib/initramfs/elf';

describe('what a program needs', () => {
  let root: string;
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'dock0-elf-'));
  });
  afterEach(() => rmSync(root, { recursive: true }));

  it('is read from its dynamic section', () => {
    const needs = readElf(readFileSync(process.execPath));
    expect(needs?.interpreter).to.match(/^\/lib.*\/ld-linux/);
    expect(needs?.libraries).to.include('libc.so.6');
  });

  it('is nothing for what is no program', () => {
    expect(readElf(Buffer.from('#!/bin/sh\n'))).to.equal(undefined);
    expect(readElf(Buffer.alloc(200))).to.equal(undefined);
  });

  it('comes with the libraries of this machine', () => {
    const files = programFiles('/', '/bin/sh');
    expect(files[0]).to.deep.equal({ path: '/bin/sh', source: realpathSync('/bin/sh') });
    expect(files.map(({ path }) => path).join(' '))
      .to.match(/libc\.so\.6/)
      .and.to.match(/ld-linux/);
  });

  it('comes from the given root and not from this machine', () => {
    for (const { path, source } of programFiles('/', '/bin/sh')) {
      mkdirSync(dirname(join(root, path)), { recursive: true });
      copyFileSync(source, join(root, path));
    }
    const files = programFiles(root, '/bin/sh');
    expect(files.every(({ source }) => source.startsWith(`${root}/`))).to.equal(true);
    const library = files.find(({ path }) => path.includes('libc.so'));
    rmSync(library?.source as string);
    expect(() => programFiles(root, '/bin/sh')).to.throw(
      '/bin/sh needs libc.so.6, which is nowhere to be found',
    );
  });

  it('follows absolute links within the root', () => {
    mkdirSync(join(root, 'usr/bin'), { recursive: true });
    writeFileSync(join(root, 'usr/bin/tool'), '');
    symlinkSync('/usr/bin', join(root, 'bin'));
    symlinkSync('../bin/tool', join(root, 'usr/bin/other'));
    expect(within(root, '/bin/other')).to.equal(join(root, 'usr/bin/tool'));
    expect(within(root, '/bin/../../../../usr/bin/tool')).to.equal(join(root, 'usr/bin/tool'));
  });

  it('does not run after links that lead in circles or nowhere', () => {
    symlinkSync('b', join(root, 'a'));
    symlinkSync('a', join(root, 'b'));
    symlinkSync('nowhere', join(root, 'c'));
    expect(within(root, '/a')).to.equal(undefined);
    expect(within(root, '/c')).to.equal(undefined);
  });
});
