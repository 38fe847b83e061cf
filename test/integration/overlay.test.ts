import { renameSync, rmSync, symlinkSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { run } from '../../lib/system/process';
import { type GulpResult, stepsThatRan, workFolder } from '../helpers/gulp';
import { tinyHost } from '../helpers/tiny-host';

describe('an overlay', () => {
  const work = workFolder();
  const host = tinyHost(() => work.path('overlay'));
  const build = async (): Promise<GulpResult> => {
    const result = await host.task(['install']);
    expect(result.code, result.output).to.equal(0);
    return result;
  };
  /** What getfattr and getcap say of the release's custom layer. */
  const attributes = async (): Promise<string> => {
    const layer = host.path('build/tiny/current/layers/30-custom.squashfs');
    const folder = host.path('unpacked');
    rmSync(folder, { recursive: true, force: true });
    await run('unsquashfs', ['-no-progress', '-d', folder, layer]);
    const { stdout } = await run('getfattr', ['-R', '-d', '-m', '-', '.'], { cwd: folder });
    return stdout;
  };

  it('keeps capabilities and attributes of its files, also of those that get an owner; a change of them counts', async () => {
    host.write('files/usr/bin/ping', '#!/bin/busybox sh\n', 0o755);
    host.write('files/etc/plain', 'x\n');
    await run('setcap', ['cap_net_raw+ep', host.path('files/usr/bin/ping')]);
    await run('setfattr', ['-n', 'user.origin', '-v', 'here', host.path('files/etc/plain')]);
    host.configure({
      overlay: ['./files'],
      permissions: { '/usr/bin/ping': { owner: '0:0', mode: '0750' } },
    });
    await build();
    const kept = await attributes();
    expect(kept).to.match(/# file: usr\/bin\/ping\nsecurity\.capability=/);
    expect(kept).to.match(/# file: etc\/plain\nuser\.origin="here"/);
    expect(stepsThatRan((await build()).output)).to.not.include('customize');
    await run('setfattr', ['-n', 'user.origin', '-v', 'there', host.path('files/etc/plain')]);
    expect(stepsThatRan((await build()).output)).to.include('customize');
    expect(await attributes()).to.contain('user.origin="there"');
    await run('setfattr', ['-x', 'user.origin', host.path('files/etc/plain')]);
    expect(stepsThatRan((await build()).output)).to.include('customize');
    expect(await attributes()).to.not.contain('user.origin');
  });

  it('keeps them under any name, also where the folder is reached by a link', async () => {
    const names = ['a b', 'back\\slash', 'ä', '📄'];
    for (const name of names) {
      host.write(`named/opt/${name}`, '#!/bin/busybox sh\n', 0o755);
      await run('setcap', ['cap_net_raw+ep', host.path(`named/opt/${name}`)]);
    }
    symlinkSync('named', host.path('link'));
    for (const overlay of ['./named', './link']) {
      host.configure({ overlay: [overlay] });
      await build();
      expect((await attributes()).match(/^security\.capability=/gm)).to.have.length(names.length);
    }
    await run('setcap', ['cap_net_admin+ep', host.path('named/opt/ä')]);
    expect(stepsThatRan((await build()).output)).to.include('customize');
  });

  it('says what it leaves out, and which access lists are lost', async () => {
    host.write('more/etc/x~', 'old\n');
    host.write('more/.git/config', 'x\n');
    host.write('more/etc/listed', 'x\n');
    await run('setfattr', [
      ...['-n', 'system.posix_acl_access', '-v'],
      '0x0200000001000600ffffffff02000600e803000004000400ffffffff10000600ffffffff20000400ffffffff',
      host.path('more/etc/listed'),
    ]);
    host.configure({ overlay: ['./more'] });
    const { output } = await build();
    expect(output).to.contain('left out: more/.git, more/etc/x~');
    expect(output).to.contain('more/etc/listed: its access list (setfacl) is lost: squashfs has none');
  });

  it('has no file whose name is not UTF-8: it is named', async () => {
    const folder = host.path('latin/etc');
    await mkdir(folder, { recursive: true });
    host.write('latin/etc/plain', 'x\n');
    renameSync(
      join(folder, 'plain'),
      Buffer.concat([Buffer.from(`${folder}/gr`), Buffer.from([0xfc, 0xdf]), Buffer.from('e')]),
    );
    host.configure({ overlay: ['./latin'] });
    const { code, output } = await host.task(['install']);
    expect(code).to.equal(1);
    expect(output).to.contain('latin/etc/gr\\xfc\\xdfe: the name is not UTF-8');
    expect(output).to.not.match(/^\s+at .*:\d+:\d+\)?$/m);
  });
});
