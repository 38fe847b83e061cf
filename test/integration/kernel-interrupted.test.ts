import { type ChildProcess, spawn } from 'node:child_process';
import { appendFileSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as after } from 'node:timers/promises';
import { expect } from 'chai';
import type { Workshop } from '../../lib/kernel/workshop';
import { PROJECT } from '../helpers/gulp';
import { identity } from '../helpers/leftovers';
import { smallKernel } from '../unit/kernel/small-kernel';
import { age, failure } from '../unit/kernel/support';

/** On a source whose make runs in milliseconds. */
describe('a kernel build that is interrupted', () => {
  const at = smallKernel();

  it('remembers how many objects a whole kernel has, not how many were left after an interruption', async () => {
    const count = `${at.shop().objects}.count`;
    at.recipe('exit 1\n');
    await failure(() => at.build());
    at.recipe('echo right > init/main.o\n');
    at.work().renew();
    await at.build();
    expect(existsSync(count)).to.equal(false);
    rmSync(at.shop().objects, { recursive: true });
    at.work().renew();
    await at.build();
    expect(JSON.parse(readFileSync(count, 'utf8'))).to.deep.equal({ clean: 1 });
  });

  it('is resumed after a compiler failed', async () => {
    at.recipe('exit 1\n');
    await failure(() => at.build());
    at.recipe('echo right > init/main.o\n');
    at.work().renew();
    await at.build();
    expect(at.work().logged.join()).to.contain('resuming an interrupted build');
    at.work().renew();
    at.work().logged.length = 0;
    await at.build();
    expect(at.work().logged).to.deep.equal([]);
  });

  it('ends when the build is aborted, and so do all compilers', async () => {
    at.recipe('sleep 300 & sleep 300\n');
    const abort = new AbortController();
    at.work().signal = abort.signal;
    const ended = failure(() => at.build());
    await until(() => sleepersIn(at.shop().objects).length > 1);
    abort.abort(new Error('interrupted'));
    expect((await ended).message).to.equal('interrupted');
    await until(() => sleepersIn(at.shop().objects).length === 0);
  });

  it('leaves no process behind when it is killed, and is resumed', async () => {
    at.recipe('sleep 300 & sleep 300\n');
    const child = startBuild(at.shop(), join(at.work().root, 'child'));
    await until(() => sleepersIn(at.shop().objects).length > 1);
    child.kill('SIGKILL');
    await until(() => sleepersIn(at.shop().objects).length === 0);
    at.recipe('echo right > init/main.o\n');
    await at.build();
    expect(at.work().logged.join()).to.contain('resuming an interrupted build');
  });

  it('makes again what a killed make wrote last, however long ago that was', async () => {
    // As kbuild's outputmakefile: written by every call of make, before anything else.
    appendFileSync(
      join(at.shop().tree.path, 'Makefile'),
      'allnoconfig: own\nown:\n\t@echo > $(O)/Makefile\n',
    );
    const table = join(at.shop().objects, 'init/table.h');
    at.recipe('test -e init/table.h || echo half > init/table.h; sleep 300\n');
    const child = startBuild(at.shop(), join(at.work().root, 'child'));
    await until(() => existsSync(table) && sleepersIn(at.shop().objects).length > 0);
    child.kill('SIGKILL');
    await until(() => sleepersIn(at.shop().objects).length === 0);
    age(at.shop().objects, 600);
    at.recipe('test -e init/table.h || echo whole > init/table.h; echo right > init/main.o\n');
    await at.build();
    expect(readFileSync(table, 'utf8')).to.equal('whole\n');
  });

  it('lets a second build of the same source wait, and says so', async () => {
    at.recipe('sleep 300\n');
    const child = startBuild(at.shop(), join(at.work().root, 'child'));
    await until(() => sleepersIn(at.shop().objects).length > 0);
    at.recipe('echo right > init/main.o\n');
    const second = at.build();
    await until(() => at.work().logged.length > 0);
    expect(at.work().logged).to.deep.equal(['waiting for another build or menuconfig of this source']);
    child.kill('SIGKILL');
    expect((await second).version).to.equal('9.1.2');
  });
});

/** Builds in a process of its own. */
function startBuild(shop: Workshop, root: string): ChildProcess {
  const tmp = join(root, 'tmp');
  mkdirSync(tmp, { recursive: true });
  const program = `
    require('sucrase/register/ts');
    const { buildKernel } = require('./lib/kernel/build');
    const { run } = require('./lib/system/process');
    const at = ${JSON.stringify({ cache: shop.cache, tmp })};
    const work = { ...at, signal: new AbortController().signal, log() {}, line() {}, progress() {}, run };
    const wanted = { base: { target: 'allnoconfig', presets: [] }, requests: new Map(), accept() {} };
    buildKernel(${JSON.stringify(shop)}, wanted, ${JSON.stringify(root)}, work);
  `;
  return spawn(process.execPath, ['-e', program], { cwd: PROJECT, stdio: 'ignore' });
}

/** Processes called sleep that work in a folder. */
function sleepersIn(folder: string): string[] {
  return readdirSync('/proc').filter((pid) => {
    try {
      return (
        /^\d+$/.test(pid) &&
        readFileSync(`/proc/${pid}/comm`, 'utf8') === 'sleep\n' &&
        identity(`/proc/${pid}/cwd`) === identity(folder)
      );
    } catch {
      return false;
    }
  });
}

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await after(50);
}
