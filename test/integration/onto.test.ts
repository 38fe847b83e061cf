import { randomBytes } from 'node:crypto';
import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { expect } from 'chai';
import { run } from '../../lib/system/process';
import { startGulp, workFolder } from '../helpers/gulp';
import { leftovers } from '../helpers/leftovers';
import { tinyHost } from '../helpers/tiny-host';

describe('a disk image of the layout gpt', () => {
  const work = workFolder();
  const host = tinyHost(() => work.path());
  const image = (): string => host.path('build/tiny/current/disk.img');
  const disk = (): string => host.path('a disk, é.img');
  const configure = (motd: string, install: object = {}): void => {
    host.write('overlay/etc/motd', motd);
    host.configure({ overlay: './overlay', install: { layout: 'gpt', size: '250M', ...install } });
  };
  const build = async (...flags: string[]): Promise<string> => {
    const { code, output } = await host.task(['install', ...flags]);
    expect(code, output).to.equal(0);
    return output;
  };
  const listed = async (): Promise<string[]> => {
    const { code, output } = await host.task(['releases', '--onto', disk()]);
    expect(code, output).to.equal(0);
    return [...output.matchAll(/\b([0-9a-f]{16})((?: (?:current|previous|trying:\d))*)$/gm)]
      .map(([, id = '', what = '']) => `${ids.indexOf(id)}${what}`)
      .sort();
  };
  const ids: string[] = [];
  const check = async (): Promise<void> => {
    const { stdout } = await run('sfdisk', ['--json', disk()]);
    const found = JSON.parse(stdout).partitiontable.partitions[2] as { start: number; size: number };
    const alone = host.path('releases.img');
    await run('dd', [`if=${disk()}`, `of=${alone}`, 'bs=512', `skip=${found.start}`, `count=${found.size}`]);
    await run('e2fsck', ['-f', '-n', alone]);
  };

  it('has a partition table without errors, a file system for UEFI and one for the releases', async () => {
    configure('one\n');
    await build();
    ids.push(host.id());
    copyFileSync(image(), disk());
    const { stdout } = await run('sfdisk', ['--verify', disk()]);
    expect(stdout).to.contain('No errors detected');
    await check();
    expect(await listed()).to.deep.equal(['0 current']);
  });

  it('is the same bytes wherever it is made', async () => {
    const before = readFileSync(image());
    const { code, output } = await host.task(['install', '--force', 'install'], {
      through: ['sh', '-c', 'umask 077 && export TZ=Asia/Kathmandu && exec "$@"', 'sh'],
    });
    expect(code, output).to.equal(0);
    expect(readFileSync(image()).equals(before)).to.equal(true);
  });

  it('gets another release beside the one that it has, to be tried', async () => {
    configure('two\n');
    expect(await build('--onto', disk())).to.match(
      /release [0-9a-f]{16} is on the disk; the next boot tries it/,
    );
    ids.push(host.id());
    expect(await listed()).to.deep.equal(['0 current', '1 trying:3']);
    await check();
  });

  it('boots another release at once with `install.tries: 0`, and goes back', async () => {
    configure('three\n', { tries: 0 });
    await build('--onto', disk());
    ids.push(host.id());
    expect(await listed()).to.deep.equal(['0 previous', '1', '2 current']);
    const back = await host.task(['rollback', '--onto', disk()]);
    expect(back.code, back.output).to.equal(0);
    expect(await listed()).to.deep.equal(['0 current', '1', '2 previous']);
    const named = await host.task(['rollback', '--onto', disk(), '--release', ids[1] as string]);
    expect(named.code, named.output).to.equal(0);
    expect(await listed()).to.deep.equal(['0 previous', '1 current', '2']);
    await check();
  });

  it('boots what it did, or the new release, whenever the command is killed; two at once take turns', async () => {
    configure('four\n');
    await build();
    ids.push(host.id());
    const before = await listed();
    const gulpfile = host.path('gulpfile.ts');
    const args = ['install', '--onto', disk(), '--cache', host.path('cache')];
    for (const [at, signal] of (
      ['SIGKILL', 'SIGINT', 'SIGKILL', 'SIGKILL', 'SIGTERM', 'SIGKILL'] as const
    ).entries()) {
      const { child, result } = startGulp(args, { cwd: work.path(), gulpfile });
      await pause(500 + 200 * at);
      child.kill(signal);
      await result;
      expect(await leftovers(work.path(), host.path('cache'))).to.deep.equal([]);
      // It is there before the menu has it, and then before the machine is told to try it; one that is not kept goes last.
      const others = before.filter((line) => !line.startsWith('3'));
      const kept = others.filter((line) => line !== '2');
      expect(await listed()).to.deep.oneOf([
        before,
        [...others, '3'],
        [...others, '3 trying:3'],
        [...kept, '3 trying:3'],
      ]);
      await check();
    }
    const both = await Promise.all([host.task(args.slice(0, 3)), host.task(args.slice(0, 3))]);
    for (const { code, output } of both) expect(code, output).to.equal(0);
    expect((await listed()).find((line) => line.startsWith('3'))).to.equal('3 trying:3');
    await check();
  });

  it('is left as it is where something is wrong, which is said in a line', async () => {
    const refused = async (args: string[], ...parts: string[]): Promise<void> => {
      const { code, output } = await host.task(args);
      expect(code, output).to.equal(1);
      for (const part of parts) expect(output).to.contain(part);
      expect(output).to.not.match(/^\s+at .*:\d+:\d+\)?$/m);
    };
    const before = await listed();
    await refused(
      ['install', '--onto', 'nothing.img'],
      '--onto nothing.img: there is no such disk, nor a disk image',
    );
    await refused(
      ['rollback', '--onto', disk(), '--release', 'ffff'],
      'there is no release ffff; there are: ',
    );
    await refused(
      ['install', '--onto', disk(), '--set', 'install.layout=filesystem'],
      'no machine would confirm this release',
    );
    await refused(['rollback'], 'gulp rollback needs a disk image');
    host.write('plain.img', 'no disk');
    await refused(['releases', '--onto', 'plain.img'], 'expected a disk of the layout gpt');
    host.write('overlay/much', '');
    writeFileSync(host.path('overlay/much'), randomBytes(7 << 20));
    configure('much\n', { size: '75M' });
    await build();
    copyFileSync(image(), host.path('small.img'));
    writeFileSync(host.path('overlay/much'), randomBytes(40 << 20));
    configure('more\n');
    await refused(
      ['install', '--onto', 'small.img'],
      'the disk has no room for the release: it takes',
      'The disk boots what it did',
    );
    expect(await listed()).to.deep.equal(before);
  });

  it('is named where it is too small for the release, before it is written', async () => {
    configure('small\n', { size: '60M' });
    const { code, output } = await host.task(['install']);
    expect(code, output).to.equal(1);
    expect(output).to.match(
      /install\.size: the release does not fit into the disk image[\s\S]*It takes at least \d+M/,
    );
  });

  it('leaves nothing mounted, and no file besides', async () => {
    expect(await leftovers(work.path(), host.path('cache'))).to.deep.equal([]);
  });
});
