import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { onDisk } from '../../lib/install/onto';
import { type Signer, signer } from '../../lib/install/signing';
import { run } from '../../lib/system/process';
import { bootableDisk, bootFrom, writeRelease } from '../helpers/bootable-disk';
import { type Made, makeInitramfs, tinyBase } from '../helpers/initramfs-machine';
import { secureVariables, signingKeys } from '../helpers/secure-boot';

describe('a machine with Secure Boot', () => {
  let folder: string;
  let made: Made;
  let variables: string;
  let sign: Signer;
  let other: Signer;
  let file: string;
  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'dock0-secure-'));
    made = await makeInitramfs(folder, { install: { loader: 'systemd-boot' } });
    const keys = await signingKeys(folder, 'own');
    variables = await secureVariables(folder, keys);
    sign = signer(keys, 1_700_000_000, { tmp: folder, run });
    other = signer(await signingKeys(folder, 'other'), 1_700_000_000, { tmp: folder, run });
    const release = await writeRelease(join(folder, 'aa'), made, { '10-root': tinyBase() }, 'aa', '', {
      sign,
    });
    file = await bootableDisk(folder, release, 'aa', [], 400 * 2 ** 20, 'systemd-boot', sign);
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  it('boots a unified kernel image that its key has signed', async () => {
    const console = await bootFrom('uefi', { file, snapshot: true }, folder, { variables });
    expect(console, console.join('\n')).to.include('fact: file /etc/lower of the lowest layer');
  });

  it('refuses one that another key has signed, and one that nobody has', async () => {
    for (const [id, uki] of [
      ['bb', { sign: other }],
      ['cc', {}],
    ] as const) {
      const disk = join(folder, `${id}.img`);
      copyFileSync(file, disk);
      const release = await writeRelease(
        join(folder, id),
        made,
        { '10-root': { ...tinyBase(), 'etc/lower': 'of another' } },
        id,
        '',
        uki,
      );
      const at = { cache: folder, signal: new AbortController().signal, log: () => undefined };
      await onDisk(disk, ['add', release, '3', '1'], at);
      const console = await bootFrom('uefi', { file: disk, snapshot: true }, folder, {
        variables,
        cut: /Access Denied|Security Violation/,
      });
      expect(console.join('\n')).to.match(/Access Denied|Security Violation/);
      expect(console.join('\n')).to.not.contain('init started');
    }
  });
});
