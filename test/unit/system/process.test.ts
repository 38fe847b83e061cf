import { mkdtempSync, readdirSync, readFileSync, rmdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { expect } from 'chai';
import { CommandError, type LineSink, run } from '../../../lib/system/process';

describe('running a command', () => {
  it('passes arguments as they are, without a shell', async () => {
    const { stdout } = await run('printf', ['%s|', '$HOME', 'a b', '; id']);
    expect(stdout).to.equal('$HOME|a b|; id|');
  });

  it('gives each line as it comes', async () => {
    const lines: string[] = [];
    await run('printf', ['a\nb\n'], { onLine: (line) => lines.push(line) });
    expect(lines).to.deep.equal(['a', 'b']);
  });

  it('lets a foreign program open its output by name, and leaves nothing of that', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'dock0-pipes-'));
    const lines: string[] = [];
    const onLine: LineSink = (line, stream) => void lines.push(`${stream}: ${line}`);
    const script =
      'echo one > /dev/stdout; echo two > /dev/stderr; printf three | tee /dev/stderr > /dev/null';
    const { stdout, stderr } = await run('sh', ['-c', script], { foreign: true, tmp: folder, onLine });
    expect([stdout, stderr]).to.deep.equal(['one', 'two\nthree']);
    expect(lines).to.have.members(['stdout: one', 'stderr: two', 'stderr: three']);
    expect(readdirSync(folder)).to.deep.equal([]);
    rmdirSync(folder);
    const error = await run('sh', ['-c', 'echo why > /dev/stderr; exit 3'], { foreign: true }).catch(
      (e) => e,
    );
    expect(error.message).to.match(/: exit code 3\n {4}why$/);
  });

  it('gives all of a long output of a foreign program', async () => {
    const { stdout } = await run('seq', ['200000'], { foreign: true });
    expect(stdout.split('\n')).to.have.length(200_000);
  });

  it('feeds standard input, from a text or a stream', async () => {
    expect((await run('cat', [], { input: 'hello' })).stdout).to.equal('hello');
    expect((await run('cat', [], { input: Readable.from(['a', 'b']) })).stdout).to.equal('ab');
  });

  it('fails with the command, its exit code and the end of its output', async () => {
    const error = await run('ls', ['/no/such']).catch((e) => e);
    expect(error).to.be.instanceOf(CommandError);
    expect(error.message).to.match(/^ls \/no\/such: exit code 2\n.*No such file/s);
  });

  it('names a command that is not installed', async () => {
    const error = await run('no-such-tool', []).catch((e) => e);
    expect(error.message).to.contain('no-such-tool: no such command');
  });

  it('ends the command when the signal aborts', async () => {
    const abort = new AbortController();
    setTimeout(() => abort.abort(new Error('interrupted')), 50);
    const error = await run('sleep', ['30'], { signal: abort.signal }).catch((e) => e);
    expect(error.message).to.equal('interrupted');
  });

  it('ends what the command started when the signal aborts, without waiting for it', async function () {
    this.timeout(20_000);
    const abort = new AbortController();
    setTimeout(() => abort.abort(new Error('interrupted')), 100);
    const script = 'sleep 31 & echo $!; trap "" TERM; wait; sleep 32';
    const lines: string[] = [];
    const options = { signal: abort.signal, onLine: (line: string) => lines.push(line) };
    const error = await run('sh', ['-c', script], options).catch((e) => e);
    expect(error.message).to.equal('interrupted');
    expect(isRunning(Number(lines[0]))).to.equal(false);
  });

  it('does not wait for a process that the command left behind with its output open', async () => {
    const { stdout } = await run('sh', ['-c', 'sleep 60 & echo $!']);
    expect(isRunning(Number(stdout))).to.equal(true);
    process.kill(Number(stdout), 'SIGKILL');
  });

  it('gives all that the command printed, however many more end at once', async function () {
    this.timeout(60_000);
    const script = 'sleep 2; echo all of it';
    const found = await Promise.all(Array.from({ length: 125 }, () => run('sh', ['-c', script])));
    expect(found.filter(({ stdout }) => stdout !== 'all of it')).to.deep.equal([]);
  });

  it('gives all that the command printed, however much lies in the pipe when it ends', async () => {
    const { stdout } = await run('sh', ['-c', 'sleep 5 & seq 1 200000; kill $!']);
    expect(stdout.split('\n')).to.have.length(200_000);
  });
});

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return !readFileSync(`/proc/${pid}/stat`, 'utf8').includes(') Z ');
  } catch {
    return false;
  }
}
