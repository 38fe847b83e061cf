import { mkdirSync, writeFileSync } from 'node:fs';
import { delimiter } from 'node:path';
import { expect } from 'chai';
import { findTool } from '../../../lib/system/find-tool';
import { testFolder } from '../../helpers/folder';

describe('a program of this machine', () => {
  const folder = testFolder();

  it('is no folder of its name, and no file that is not executable', () => {
    mkdirSync(folder.path('one/dock0-test-tool'), { recursive: true });
    mkdirSync(folder.path('two'));
    mkdirSync(folder.path('three'));
    writeFileSync(folder.path('two/dock0-test-tool'), '', { mode: 0o644 });
    writeFileSync(folder.path('three/dock0-test-tool'), '', { mode: 0o755 });
    const before = process.env.PATH;
    process.env.PATH = ['one', 'two', 'three'].map((name) => folder.path(name)).join(delimiter);
    try {
      expect(findTool('dock0-test-tool')).to.equal(folder.path('three/dock0-test-tool'));
    } finally {
      process.env.PATH = before;
    }
  });
});
