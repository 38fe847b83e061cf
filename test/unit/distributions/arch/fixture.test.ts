import { mkdirSync, readlinkSync, symlinkSync, writeFileSync } from 'node:fs';
import { expect } from 'chai';
import { dependencies, pacmanVersion, parseControl, virtualNames } from '../../../fixtures/arch/control';
import { mergedPath, mergeUsr } from '../../../fixtures/arch/merged-usr';
import { testFolder } from '../../../helpers/folder';

describe("the fixture's conversion of Debian packages", () => {
  const folder = testFolder();

  it('reads control data', () => {
    const [tool] = parseControl(
      'Package: tool\nDepends: a (>= 1), b:any | c,\n d [amd64]\nProvides: virtual (= 1), other\n\nPackage: next\n',
    );
    expect(tool && dependencies(tool)).to.deep.equal([['a'], ['b', 'c'], ['d']]);
    expect(tool && virtualNames(tool)).to.deep.equal(['virtual', 'other']);
  });

  it('writes versions as pacman takes them', () => {
    expect(['1:2.38-5+deb12u1', '0.9~rc1-2'].map(pacmanVersion)).to.deep.equal([
      '1:2.38_5+deb12u1-1',
      '0.9_rc1_2-1',
    ]);
  });

  it('moves programs and libraries to where Arch has them, and turns links', async () => {
    for (const path of ['bin', 'sbin', 'usr/bin', 'lib/x', 'usr/share'])
      mkdirSync(folder.path(path), { recursive: true });
    writeFileSync(folder.path('bin/ip'), 'ip');
    symlinkSync('/bin/ip', folder.path('sbin/ip'));
    symlinkSync('../../usr/share/thing', folder.path('lib/x/thing'));
    symlinkSync('../lib/x', folder.path('usr/up'));
    await mergeUsr(folder.path());
    expect(readlinkSync(folder.path('usr/lib/x/thing'))).to.equal('../../share/thing');
    expect(() => readlinkSync(folder.path('usr/bin/ip'))).to.throw('EINVAL');
    expect(mergedPath('usr/sbin/x')).to.equal('usr/bin/x');
  });
});
