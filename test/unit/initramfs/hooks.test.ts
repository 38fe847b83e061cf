import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import type { Dock0Error } from '../../../lib/error';
import { builtinHooks, findHooks, hookPhases } from '../../../lib/initramfs/hooks';

describe('finding hooks', () => {
  let mine: string;
  beforeEach(() => {
    mine = mkdtempSync(join(tmpdir(), 'dock0-hooks-'));
  });
  afterEach(() => rmSync(mine, { recursive: true }));

  const failure = (names: string[]): Dock0Error => {
    try {
      findHooks(names, [mine]);
    } catch (error) {
      return error as Dock0Error;
    }
    throw new Error('nothing failed');
  };

  it('finds the built-in ones', () => {
    const found = findHooks(['base', 'dock0'], []);
    expect(found.map(({ name, builtin }) => [name, builtin])).to.deep.equal([
      ['base', true],
      ['dock0', true],
    ]);
    expect(found[1]?.script).to.equal(join(builtinHooks(), 'dock0'));
    expect(found[0]?.script).to.equal(undefined);
  });

  it("prefers the user's hook over a built-in one of the same name", () => {
    writeFileSync(join(mine, 'dock0'), 'run_hook() { :; }\n');
    const [found] = findHooks(['dock0'], [mine]);
    expect(found).to.include({ folder: mine, builtin: false, script: join(mine, 'dock0') });
    expect(found?.install).to.equal(undefined);
  });

  it('takes a hook that only installs something', () => {
    writeFileSync(join(mine, 'tools.install'), 'add_binary curl\n');
    expect(findHooks(['tools'], [mine])[0]).to.include({
      script: undefined,
      install: join(mine, 'tools.install'),
    });
  });

  it('runs a hook once, however often it is named', () => {
    expect(findHooks(['base', 'dock0', 'base'], []).map(({ name }) => name)).to.deep.equal(['base', 'dock0']);
  });

  it('suggests a name for an unknown hook and says where it was searched', () => {
    const error = failure(['dok0']);
    expect(error.message).to.equal('initramfs.hooks: there is no hook "dok0"; did you mean "dock0"?');
    expect(error.hint)
      .to.contain('dok0.install')
      .and.to.contain(mine.slice(mine.lastIndexOf('/')));
  });

  it("suggests the user's hooks too", () => {
    writeFileSync(join(mine, 'encrypted'), 'run_hook() { :; }\n');
    expect(failure(['encryptd']).message).to.contain('did you mean "encrypted"?');
  });

  it('does not mistake /init for a hook', () => {
    expect(failure(['init']).message).to.contain('there is no hook "init"');
  });

  it('finds the phases of a hook by the functions it defines', () => {
    writeFileSync(join(mine, 'early'), '#!/bin/sh\nrun_earlyhook() {\n  :\n}\nrun_cleanuphook () { :; }\n');
    writeFileSync(join(mine, 'late'), '# run_hook() is not here\nrun_latehook() { :; }\n');
    writeFileSync(join(mine, 'mounts'), 'mount_handler=my_handler\nmy_handler() { :; }\n');
    expect(hookPhases(findHooks(['early', 'late', 'mounts', 'dock0', 'base'], [mine]))).to.deep.equal({
      EARLYHOOKS: ['early', 'dock0'],
      HOOKS: ['mounts', 'dock0'],
      LATEHOOKS: ['late'],
      CLEANUPHOOKS: ['early'],
    });
  });
});
