import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A folder for the tests of one suite, made before and removed after each of them. */
export function testFolder(): { path: (name?: string) => string } {
  let folder = '';
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'dock0-test-'));
  });
  afterEach(() => {
    rmSync(folder, { recursive: true, force: true });
  });
  return { path: (name = '') => join(folder, name) };
}

/** Gives the tests of one suite a folder of their own for temporary files: other processes leave and remove some meanwhile. */
export function ownTemporaryFolder(): void {
  const { TMPDIR } = process.env;
  let folder = '';
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'dock0-tmp-'));
    process.env.TMPDIR = folder;
  });
  after(() => {
    if (TMPDIR === undefined) delete process.env.TMPDIR;
    else process.env.TMPDIR = TMPDIR;
    rmSync(folder, { recursive: true, force: true });
  });
}
