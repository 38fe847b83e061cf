import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { machineProgram } from '../../lib/config/paths';
import { findTool } from '../../lib/system/find-tool';
import { testFolder } from '../helpers/folder';
import { leftovers } from '../helpers/leftovers';

/** What the program calls that changes a file system as a whole. */
const CALLED = ['mount', 'umount', 'sync', 'fsfreeze', 'mv', 'ln', 'rm', 'cp'];

describe('what puts a release onto a mounted disk', () => {
  const folder = testFolder();
  const release = (where: string, id: string): string => {
    const files: Record<string, string> = {
      vmlinuz: `kernel of ${id}`,
      'initramfs.img': 'initramfs',
      cmdline: 'quiet\n',
      'manifest.json': `{\n  "name": "web",\n  "release": "${id}"\n}\n`,
      'layers/10.squashfs': `layer of ${id}`,
    };
    mkdirSync(join(where, 'layers'), { recursive: true });
    const sums = Object.entries(files).map(([path, text]) => {
      writeFileSync(join(where, path), text);
      return `${createHash('sha256').update(text).digest('hex')}  ${path}\n`;
    });
    writeFileSync(join(where, 'SHA256SUMS'), sums.join(''));
    return where;
  };
  const image = (): string => folder.path('disk.img');
  /** Makes a disk with one release. */
  const make = (): void => {
    const content = folder.path('content');
    release(join(content, 'dock0/aa'), 'aa');
    execFileSync('sh', [
      machineProgram('releases'),
      'first',
      content,
      'aa',
      join(content, 'dock0/aa'),
      'grub',
    ]);
    writeFileSync(image(), '');
    truncateSync(image(), 16 << 20);
    execFileSync('mke2fs', ['-q', '-t', 'ext4', '-d', content, image()]);
    mkdirSync(folder.path('mounted'), { recursive: true });
    release(folder.path('new'), 'bb');
  };
  /** Adds another one, killed with all that runs beside it behind call `at`. @returns whether there were so many calls */
  const addKilledBehind = (at: number): boolean => {
    mkdirSync(folder.path('bin'), { recursive: true });
    writeFileSync(folder.path('calls'), '');
    for (const name of CALLED) {
      const script = `#!/bin/sh
'${findTool(name)}' "$@"; code=$?
echo >> '${folder.path('calls')}'
if [ "$(wc -l < '${folder.path('calls')}')" -eq ${at} ]; then kill -9 -1; fi
exit $code
`;
      writeFileSync(folder.path(`bin/${name}`), script, { mode: 0o755 });
    }
    const script =
      'mount -o loop -- "$1" "$2" && PATH=$3:$PATH sh "$4" add "$2" "$5" 3 3 && umount -- "$2"; exit $?';
    const words = [
      image(),
      folder.path('mounted'),
      folder.path('bin'),
      machineProgram('releases'),
      folder.path('new'),
    ];
    const outer = ['--mount', '--pid', '--fork', '--kill-child', '--propagation', 'private', '--'];
    // Process 1 of the namespace is not killed by what runs in it: it ends behind the one that is.
    const first = ['sh', '-c', '"$@"; exit $?', 'sh'];
    const { status } = spawnSync('unshare', [...outer, ...first, 'sh', '-c', script, 'sh', ...words]);
    return status !== 0;
  };

  it('leaves no loop device and a file system that can be used, whichever of its calls it is killed behind', async function () {
    this.timeout(120_000);
    let killed = 0;
    for (let at = 1; ; at++) {
      make();
      if (!addKilledBehind(at)) break;
      killed++;
      expect(await leftovers(folder.path('disk.img'), folder.path('cache')), `call ${at}`).to.deep.equal([]);
      execFileSync('e2fsck', ['-p', image()], { stdio: 'pipe' });
    }
    expect(killed).to.be.greaterThan(10);
  });
  it('replaces a damaged layer that the machine runs from, which stays open', () => {
    make();
    const script = `set -e
mount -t tmpfs none /run
mkdir /run/dock0
ln -s /dock0/aa /run/dock0/release
mount -o loop -- "$1" "$2"
layer="$2/dock0/aa/layers/10.squashfs"
echo damaged >"$layer"
exec 8<"$layer"
sh "$3" add "$2" "$4" 3 3
mount -o remount,ro "$2"
cat "$layer" - <&8
`;
    const words = [
      image(),
      folder.path('mounted'),
      machineProgram('releases'),
      release(folder.path('same'), 'aa'),
    ];
    const { status, stdout, stderr } = spawnSync(
      'unshare',
      ['--mount', '--propagation', 'private', 'sh', '-c', script, 'sh', ...words],
      { encoding: 'utf8' },
    );
    expect(status, stderr).to.equal(0);
    expect(stdout)
      .to.contain('replaced layers/10.squashfs of release aa, which was damaged')
      .and.match(/layer of aadamaged\n$/);
  });
});
