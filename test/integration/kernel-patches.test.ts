import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import {
  failure,
  fixtures,
  NAME,
  preparedIn,
  type TestWork,
  testWork,
  unpackedIn,
} from '../unit/kernel/support';

describe('a patched kernel source', () => {
  let work: TestWork;
  let folder: string;
  beforeEach(() => {
    work = testWork();
    folder = join(work.root, 'patches');
    mkdirSync(folder);
  });
  afterEach(() => work.remove());
  const prepare = preparedIn(() => work);
  const unpacked = (): string[] => unpackedIn(work);

  const file = join(fixtures, NAME);
  const add = (name: string, text: string, mode = 0o644): void => {
    writeFileSync(join(folder, name), text);
    chmodSync(join(folder, name), mode);
  };
  const diff = (path: string, from: string, to: string): string =>
    `--- a/${path}\n+++ b/${path}\n@@ -1 +1 @@\n-${from}\n+${to}\n`;
  const FIRST = "# Stands in for the kernel's Makefile in tests: the same targets, and nothing to compile.";
  const head = (to: string): string =>
    `--- a/Makefile\n+++ b/Makefile\n@@ -1,4 +1,4 @@\n-${FIRST}\n+${to}\n VERSION = 9\n PATCHLEVEL = 1\n SUBLEVEL = 2\n`;

  it('gets diffs and programs in name order', async () => {
    add('20-program', '#!/bin/sh\nhead -n1 Makefile > seen\n', 0o755);
    add('10-head.patch', head('# patched'));
    add('README', 'no patch');
    const tree = await prepare({ file }, [folder]);
    expect(readFileSync(join(tree.path, 'seen'), 'utf8')).to.equal('# patched\n');
    expect(tree.epoch).to.equal(1600000000);
  });

  it('is another tree than without patches, and than with other ones', async () => {
    add('10-head.patch', head('# one'));
    const one = await prepare({ file }, [folder]);
    add('10-head.patch', head('# two'));
    const two = await prepare({ file }, [folder]);
    const none = await prepare({ file });
    expect(new Set([one.key, two.key, none.key]).size).to.equal(3);
    expect(readFileSync(join(none.path, 'Makefile'), 'utf8')).to.contain('Stands in');
  });

  it('is refused when a hunk fails: patch, file and hunk are named', async () => {
    add('10-head.patch', head('# patched'));
    add('20-late.patch', diff('Kconfig', 'config NETWORK', 'config NETS'));
    const error = await failure(() => prepare({ file }, [folder]));
    expect(error.message).to.contain('patches/20-late.patch does not apply: Kconfig, hunk 1 (line 1)');
    expect(unpacked()).to.deep.equal([]);
  });

  it('names a file that is not there, a change that is there already, and a text that is no diff', async () => {
    add('10.patch', diff('absent.c', 'a', 'b'));
    expect((await failure(() => prepare({ file }, [folder]))).message).to.contain('there is no absent.c');
    add('10.patch', head('# patched'));
    add('20.patch', head('# patched'));
    expect((await failure(() => prepare({ file }, [folder]))).message).to.contain(
      '20.patch does not apply: Makefile',
    );
    add('20.patch', 'nothing\n');
    expect((await failure(() => prepare({ file }, [folder]))).message).to.contain('it is not a unified diff');
  });

  it('names a program that fails, with what it printed', async () => {
    add('10-fail', '#!/bin/sh\necho oh no >&2\nexit 3\n', 0o755);
    const error = await failure(() => prepare({ file }, [folder]));
    expect(error.message).to.contain('patches/10-fail failed with exit code 3').and.contain('oh no');
  });
});
