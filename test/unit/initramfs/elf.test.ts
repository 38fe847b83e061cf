import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect } from 'chai';
import { programFiles, readElf } from '../../../lib/initramfs/elf';

describe('what a program needs', () => {
  let root: string;
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'dock0-elf-'));
  });
  afterEach(() => rmSync(root, { recursive: true }));

  it('is read from its dynamic section', () => {
    const needs = readElf(process.execPath);
    expect(needs?.interpreter).to.match(/^\/lib.*\/ld-linux/);
    expect(needs?.libraries).to.include('libc.so.6');
  });

  it('is nothing for a file that is not a program', () => {
    const file = join(root, 'file');
    for (const bytes of [Buffer.from('#!/bin/sh\n'), Buffer.alloc(200), Buffer.alloc(0)]) {
      writeFileSync(file, bytes);
      expect(readElf(file)).to.equal(undefined);
    }
  });

  it('is as much as a damaged file still says', () => {
    const file = join(root, 'file');
    const program = readFileSync(process.execPath);
    for (const at of [32, 56, 64, 72, 96, 200, 300]) {
      const damaged = Buffer.from(program.subarray(0, 4096));
      damaged.fill(0xff, at, at + 8);
      writeFileSync(file, damaged);
      expect(readElf(file)?.libraries).to.deep.equal([]);
    }
  });

  it('includes the libraries of this machine', () => {
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
    expect(() => programFiles(root, '/bin/sh')).to.throw('/bin/sh needs libc.so.6, which is missing');
  });
});
