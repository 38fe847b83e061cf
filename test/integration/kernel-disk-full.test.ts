import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { gulp, workFolder } from '../helpers/gulp';
import { leftovers } from '../helpers/leftovers';
import { wholeSource } from '../unit/kernel/support';

/** Runs a command on a disk that is too small for it, then, with room, once more. The disk is seen by these alone. */
const TWICE = `
disk=$1 size=$2; shift 2
mount -t tmpfs -o size="$size" tmpfs "$disk" || exit 9
"$@"; echo "exit code $?"
find "$disk/cache/store" "$disk/cache/tmp" -mindepth 1 2>/dev/null | sed 's/^/left: /'
echo "now there is room"
mount -o remount,size=256m "$disk" && "$@"`;

describe('a disk that is full in the middle of make', () => {
  const work = workFolder();

  for (const size of ['64k', '256k', '2m']) {
    it(`(${size}) is said in a line, leaves nothing half-made, and with room make resumes`, async () => {
      const disk = work.path(`disk-${size}`);
      mkdirSync(disk);
      const { directory, yaml } = await wholeSource(disk.replace('disk', 'source'));
      writeFileSync(join(directory, 'init/main.sh'), 'head -c 8M /dev/zero > init/main.o || exit 1\n');
      writeFileSync(work.path('dock0.yaml'), yaml);
      const { code, output } = await gulp(['kernel', '--cache', join(disk, 'cache')], {
        cwd: work.path(),
        through: ['unshare', '--mount', '--', 'sh', '-c', TWICE, 'sh', disk, size],
      });
      expect(code, output).to.equal(0);
      const [full = '', roomy = ''] = output.split('now there is room');
      expect(full, output).to.contain('kernel: no space left on the disk').and.contain('exit code 1');
      expect(full).to.not.match(/^\s+at .*:\d+:\d+\)?$/m);
      expect(full).to.not.contain('left: ');
      expect(roomy).to.match(/^kernel +done in /m);
      expect(await leftovers(disk, join(disk, 'cache'))).to.deep.equal([]);
    });
  }
});
