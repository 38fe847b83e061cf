import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { unpack } from '../../../lib/kernel/source/tarball';
import type { Work } from '../../../lib/kernel/work';
import { run } from '../../../lib/system/process';
import { testFolder } from '../../helpers/folder';

describe('a kernel tarball', () => {
  const folder = testFolder();

  it('is unpacked into a folder with a backslash, which tar(1) takes for the beginning of an escape', async () => {
    mkdirSync(folder.path('linux'));
    for (const name of ['Makefile', 'Kconfig']) writeFileSync(join(folder.path('linux'), name), '');
    execFileSync('tar', ['-cf', folder.path('linux.tar'), '-C', folder.path(), 'linux']);
    const into = folder.path('x\\temp\\040');
    mkdirSync(into);
    const work = { run, progress: () => undefined } as unknown as Work;
    const top = await unpack(folder.path('linux.tar'), into, 'linux.tar', work);
    expect(top).to.equal(join(into, 'linux'));
    expect(readdirSync(top).sort()).to.deep.equal(['Kconfig', 'Makefile']);
  });
});
