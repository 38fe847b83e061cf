import {
  chmodSync,
  chownSync,
  copyFileSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { chroot, mountApiFilesystems } from '../../lib/system/chroot';
import { findTool } from '../../lib/system/find-tool';
import { CommandError, run } from '../../lib/system/process';
import { runReadOnly } from '../../lib/system/read-only';
import { type SandboxOptions, withSandbox } from '../../lib/system/sandbox';
import { testFolder } from '../helpers/folder';
import { leftovers } from '../helpers/leftovers';

describe('a command in an image', function () {
  this.timeout(60_000);
  const folder = testFolder();

  beforeEach(() => {
    for (const path of ['usr/bin', 'etc', 'tmp']) mkdirSync(folder.path(`root/${path}`), { recursive: true });
    copyFileSync(findTool('busybox') ?? '', folder.path('root/usr/bin/busybox'));
    for (const name of ['sh', 'env', 'cat', 'mount', 'mknod', 'ls', 'chmod', 'chown', 'id', 'sleep', 'wget'])
      symlinkSync('busybox', folder.path(`root/usr/bin/${name}`));
  });

  const inImage = (script: string, options: SandboxOptions = {}): Promise<string> =>
    withSandbox(
      run,
      async (sandbox) => {
        const root = folder.path('root');
        await mountApiFilesystems(sandbox, root);
        return (await chroot(sandbox, root, ['/usr/bin/sh', '-c', script])).stdout;
      },
      options,
    );
  const refusal = async (script: string): Promise<string> => {
    const error = await inImage(script).catch((thrown) => thrown);
    expect(error).to.be.instanceOf(CommandError);
    return error.output;
  };

  it('may change owners, but has no capability to change the machine', async () => {
    expect(await inImage('touch /x 2>/dev/null; : > /x; chown 12:34 /x; ls -ln /x')).to.match(/12 +34/);
    const bounding = (await inImage('cat /proc/self/status')).match(/CapEff:\s+(\w+)/)?.[1] ?? '';
    const has = (bit: number): boolean => ((BigInt(`0x${bounding}`) >> BigInt(bit)) & 1n) === 1n;
    // linux/capability.h: SYS_MODULE 16, SYS_RAWIO 17, SYS_ADMIN 21, SYS_BOOT 22, SYS_TIME 25, MKNOD 27, NET_ADMIN 12.
    expect([16, 17, 21, 22, 25, 27, 12].filter(has)).to.deep.equal([]);
    expect([0, 1, 31].filter(has)).to.deep.equal([0, 1, 31]);
  });

  it('mounts nothing and makes no device nodes', async () => {
    expect(await refusal('mount -t tmpfs none /etc')).to.match(/not permitted|denied/);
    expect(await refusal('mknod /disk b 254 0')).to.match(/not permitted|denied/);
  });

  it('uses the devices of the build host without changing their modes and owners', async () => {
    const stat = (): unknown[] =>
      ['/dev/null', '/dev/zero'].map((path) => [lstatSync(path).mode, lstatSync(path).uid]);
    const before = stat();
    try {
      expect(await refusal('chown 12:34 /dev/null')).to.match(/[Rr]ead-only/);
      expect(await refusal('chmod 600 /dev/zero')).to.match(/[Rr]ead-only/);
      expect(stat()).to.deep.equal(before);
    } finally {
      for (const path of ['/dev/null', '/dev/zero']) {
        chownSync(path, 0, 0);
        chmodSync(path, 0o666);
      }
    }
    expect(await inImage('echo x > /dev/null; cat /dev/null')).to.equal('');
  });

  it('changes no setting of the kernel', async () => {
    const before = readFileSync('/proc/sys/kernel/core_pattern', 'utf8');
    expect(await refusal('echo "|/bin/sh" > /proc/sys/kernel/core_pattern')).to.match(/[Rr]ead-only/);
    expect(await refusal('echo h > /proc/sysrq-trigger')).to.match(/[Rr]ead-only|nonexistent/);
    expect(await refusal('echo 1 > /sys/kernel/profiling')).to.match(/[Rr]ead-only|denied|nonexistent/);
    expect(readFileSync('/proc/sys/kernel/core_pattern', 'utf8')).to.equal(before);
  });

  it('has no network unless it is given one', async () => {
    const devices = (await inImage('cat /proc/net/dev')).match(/^ *(\w+):/gm)?.map((name) => name.trim());
    expect(devices).to.deep.equal(['lo:']);
    const ours = readFileSync('/proc/net/dev', 'utf8').match(/^ *(\w+):/gm)?.length ?? 0;
    const given = await inImage('cat /proc/net/dev', { network: true });
    expect(given.match(/^ *(\w+):/gm)).to.have.length(ours);
  });

  it('sees nothing of the environment of the build', async () => {
    process.env.DOCK0_TEST = 'of the build';
    try {
      expect(await inImage('env')).to.not.contain('of the build');
    } finally {
      delete process.env.DOCK0_TEST;
    }
  });

  for (const path of ['dev', 'tmp', 'run', 'proc', 'sys', 'etc']) {
    it(`is not started where /${path} of the image is a link that would lead a mount to the build host`, async () => {
      await run('rm', ['-rf', '--', folder.path(`root/${path}`)]);
      mkdirSync(folder.path('host'));
      writeFileSync(folder.path('host/canary'), 'x');
      symlinkSync(folder.path('host'), folder.path(`root/${path}`));
      const error = await inImage('true').catch((thrown) => thrown);
      expect(error.message).to.contain(`/${path} of the image is a symbolic link`);
      expect(readdirSync(folder.path('host'))).to.deep.equal(['canary']);
    });
  }

  it('ends at once with all it started when the build is aborted, and leaves nothing', async () => {
    const abort = new AbortController();
    const work = withSandbox(
      (command, args, options) => run(command, args, { ...options, signal: abort.signal }),
      async (sandbox) => {
        const root = folder.path('root');
        await mountApiFilesystems(sandbox, root);
        await chroot(sandbox, root, ['/usr/bin/sh', '-c', 'sleep 1000 & : > /started; sleep 1000']);
      },
    ).catch((error) => error);
    while (!existsSync(join(folder.path('root'), 'started')))
      await new Promise((done) => setTimeout(done, 20));
    abort.abort(new Error('stopped'));
    expect((await work).message).to.equal('stopped');
    expect(await leftovers(folder.path(), folder.path('cache'))).to.deep.equal([]);
  });

  it('that only prints something runs in a folder on a file system that is mounted below /tmp', async () => {
    const mounted = folder.path('mounted');
    mkdirSync(mounted);
    await run('mount', ['-t', 'tmpfs', 'none', mounted]);
    try {
      writeFileSync(join(mounted, 'file'), 'text');
      const { stdout } = await runReadOnly(
        run,
        mounted,
        ['sh', '-c', 'cat file; echo x 2> /dev/null > file || echo refused'],
        {},
      );
      expect(stdout).to.equal('textrefused');
    } finally {
      await run('umount', [mounted]);
    }
  });

  for (const parent of ['/dev/shm', '/run'])
    it(`that only prints something runs in a folder below ${parent}`, async () => {
      const folder = mkdtempSync(`${parent}/dock0-test-`);
      try {
        writeFileSync(join(folder, 'file'), 'text');
        const command = ['sh', '-c', 'cat file; echo x 2> /dev/null > file || echo refused'];
        const { stdout } = await runReadOnly(run, folder, command, {});
        expect(stdout).to.equal('textrefused');
      } finally {
        rmSync(folder, { recursive: true });
      }
    });
});
