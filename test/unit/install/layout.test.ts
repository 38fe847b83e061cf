import { mkdirSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs';
import { expect } from 'chai';
import { grub } from '../../../lib/install/loaders/grub';
import { stageRelease } from '../../../lib/release/layout';
import { testFolder } from '../../helpers/folder';

describe("a machine's file system", () => {
  const folder = testFolder();

  it('holds the release, which is the current one, where the menu of GRUB finds it', () => {
    mkdirSync(folder.path('release/layers'), { recursive: true });
    writeFileSync(folder.path('release/vmlinuz'), 'kernel');
    writeFileSync(folder.path('release/layers/10-root.squashfs'), 'layer');
    stageRelease(folder.path('release'), 'r1', ['vmlinuz', 'layers/10-root.squashfs'], folder.path('staged'));
    expect(readlinkSync(folder.path('staged/dock0/current'))).to.equal('r1');
    expect(readFileSync(folder.path('staged/dock0/r1/layers/10-root.squashfs'), 'utf8')).to.equal('layer');
    const cmdline = 'quiet dock0.root=LABEL=disk dock0.release=current';
    const { path, text } = grub({ name: 'web', cmdline, uuid: '1-2', install: { label: 'disk' } });
    expect(path).to.equal('boot/grub/grub.cfg');
    const [, kernel = ''] = /^ {2}linux (\S+) quiet dock0.root=LABEL=disk /m.exec(text) ?? [];
    expect(text).to.match(
      /if ! search --no-floppy --fs-uuid 1-2 --set root; then\n +search --no-floppy --label disk /,
    );
    expect(readFileSync(folder.path(`staged${kernel}`), 'utf8')).to.equal('kernel');
  });

  it('has a command line that the shell of GRUB leaves as it is', () => {
    const cmdline = 'quiet foo="$a;{b}" bar=#1 dock0.root=LABEL=disk';
    const { text } = grub({ name: 'web', cmdline, uuid: '1-2', install: { label: 'disk' } });
    expect(text).to.contain(`vmlinuz quiet foo=\\"\\$a\\;\\{b\\}\\" bar=\\#1 dock0.root=LABEL=disk\n`);
  });
});
