import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { expect } from 'chai';
import { type GuardOptions, guard, removeFreeLocks } from '../../../lib/system/guard';
import { testFolder } from '../../helpers/folder';

describe('a guard', () => {
  const folder = testFolder();
  const lock = (): string => folder.path('locks/one.lock');

  it('makes the second wait until the first lets go, and says so once', async () => {
    const first = await guard(lock());
    const order: string[] = [];
    const second = guard(lock(), { onWait: () => order.push('waits') }).then((held) => {
      order.push('has it');
      return held;
    });
    while (order.length === 0) await pause(10);
    order.push('released');
    await first.release();
    await (await second).release();
    expect(order).to.deep.equal(['waits', 'released', 'has it']);
  });

  it('is shared by those who ask for that', async () => {
    const held = [await guard(lock(), { shared: true }), await guard(lock(), { shared: true })];
    for (const each of held) await each.release();
  });

  it('stops waiting when the signal aborts', async () => {
    const first = await guard(lock());
    const abort = new AbortController();
    setTimeout(() => abort.abort(new Error('enough')), 100);
    const error = await guard(lock(), { signal: abort.signal }).catch((thrown) => thrown);
    expect(error.message).to.equal('enough');
    await first.release();
  });

  it('is not held when the signal aborts with the lock just taken', async () => {
    await (await guard(lock())).release();
    const abort = new AbortController();
    const taken = guard(lock(), { signal: abort.signal, remove: [folder.path('work')] }).catch(
      (thrown) => thrown,
    );
    // Until the child is started; then deaf for as long as the child takes to answer.
    while (children() === '') await new Promise((resolve) => setImmediate(resolve));
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 300);
    abort.abort(new Error('enough'));
    expect(await taken)
      .to.be.instanceOf(Error)
      .with.property('message', 'enough');
  });

  it('removes its folders and frees the lock even when the process is killed', async () => {
    mkdirSync(folder.path('work'));
    writeFileSync(folder.path('work/file'), '');
    await killedWith({ remove: [folder.path('work')] });
    expect(existsSync(folder.path('work'))).to.equal(false);
  });

  it('puts back what was moved aside, unless something has come in its place', async () => {
    const options = {
      remove: [folder.path('work')],
      restore: { from: folder.path('work/old'), to: folder.path('it') },
    };
    const moveAside = (): void => {
      mkdirSync(folder.path('work'));
      writeFileSync(folder.path('work/old'), 'old');
    };
    moveAside();
    await killedWith(options);
    expect(readFileSync(folder.path('it'), 'utf8')).to.equal('old');
    moveAside();
    writeFileSync(folder.path('it'), 'new');
    await killedWith(options);
    expect(readFileSync(folder.path('it'), 'utf8')).to.equal('new');
    expect(existsSync(folder.path('work'))).to.equal(false);
  });

  /** Kills a process that holds the lock with these options, and waits until the lock is free. */
  async function killedWith(options: GuardOptions): Promise<void> {
    const program = `require('sucrase/register/ts'); require(${JSON.stringify(join(__dirname, '../../../lib/system/guard.ts'))})
      .guard(${JSON.stringify(lock())}, ${JSON.stringify(options)}).then(() => process.kill(process.pid, 'SIGKILL'))`;
    const child = spawn(process.execPath, ['-e', program], { stdio: 'inherit' });
    const signal = await new Promise((resolve) => child.once('exit', (_, by) => resolve(by)));
    expect(signal).to.equal('SIGKILL');
    await (await guard(lock())).release();
  }

  it('keeps its lock file while it is held, and only then', async () => {
    const held = await guard(lock());
    await (await guard(folder.path('locks/two.lock'))).release();
    await removeFreeLocks(folder.path('locks'));
    expect(readdirSync(folder.path('locks'))).to.deep.equal(['one.lock']);
    await held.release();
    await removeFreeLocks(folder.path('locks'));
    expect(readdirSync(folder.path('locks'))).to.deep.equal([]);
  });

  it('is one of many files, more than fit on a command line', async () => {
    const deep = folder.path(`${`${'d'.repeat(200)}/`.repeat(17)}locks`);
    mkdirSync(deep, { recursive: true });
    for (let each = 0; each < 700; each++) writeFileSync(join(deep, String(each).padStart(200, '0')), '');
    await removeFreeLocks(deep);
    expect(readdirSync(deep)).to.deep.equal([]);
  });

  it('has one holder even when the file is removed while others wait for it', async () => {
    let holders = 0;
    let most = 0;
    const hold = async (): Promise<void> => {
      const held = await guard(lock());
      most = Math.max(most, ++holders);
      await pause(20);
      // What a holder may do: the next one makes the file again.
      rmSync(lock(), { force: true });
      holders--;
      await held.release();
    };
    await Promise.all(Array.from({ length: 12 }, hold));
    expect(most).to.equal(1);
  });
});

/** The process ids of this process's children. */
function children(): string {
  return readFileSync(`/proc/self/task/${process.pid}/children`, 'utf8').trim();
}
