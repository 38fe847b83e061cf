import { mkdirSync, writeFileSync } from 'node:fs';
import { expect } from 'chai';
import { namedFiles } from '../../../lib/kernel/named-files';
import { collectRequests } from '../../../lib/kernel/requests';
import { testFolder } from '../../helpers/folder';
import { failure } from './support';

describe('the files that options of a kernel name', () => {
  const at = testFolder();
  const named = (options: Record<string, string>): string[] =>
    namedFiles(collectRequests([], options)).map(({ name, path }) => `${name}: ${path}`);
  const refused = async (options: Record<string, string>): Promise<string> =>
    (await failure(() => named(options))).message;
  const file = (name: string): string => {
    writeFileSync(at.path(name), 'x');
    return at.path(name);
  };

  it('are those with absolute paths: others are in the source', () => {
    const [key, list, firmware] = [file('key.pem'), file('list'), file('fw.bin')];
    expect(
      named({
        SYSTEM_TRUSTED_KEYS: key,
        MODULE_SIG_KEY: 'certs/signing_key.pem',
        CONFIG_INITRAMFS_SOURCE: `usr/list ${list} ${key}`,
        EXTRA_FIRMWARE: 'fw.bin',
        EXTRA_FIRMWARE_DIR: at.path(),
        CMDLINE: '/no/such',
      }),
    ).to.deep.equal([
      `CONFIG_SYSTEM_TRUSTED_KEYS 1: ${key}`,
      `CONFIG_INITRAMFS_SOURCE 2: ${list}`,
      `CONFIG_INITRAMFS_SOURCE 3: ${key}`,
      `CONFIG_EXTRA_FIRMWARE 4: ${firmware.replace(/\/$/, '')}`,
    ]);
    expect(
      named({ MODULE_SIG_KEY: 'pkcs11:token=x', EXTRA_FIRMWARE_DIR: 'firmware', EXTRA_FIRMWARE: 'a' }),
    ).to.deep.equal([]);
  });

  it("are refused, all at once, where the kernel's make can't use them", async () => {
    mkdirSync(at.path('a b'));
    const [blank, colon] = [file('a b/key.pem'), file('a:b')];
    const message = await refused({ SYSTEM_TRUSTED_KEYS: blank, MODULE_SIG_KEY: colon });
    expect(message.split('\n')).to.deep.equal([
      `kernel.options.MODULE_SIG_KEY: CONFIG_MODULE_SIG_KEY: ${colon}: the kernel's make takes no path with a blank or a colon; put a copy elsewhere`,
      `kernel.options.SYSTEM_TRUSTED_KEYS: CONFIG_SYSTEM_TRUSTED_KEYS: ${blank}: the kernel's make takes no path with a blank or a colon; put a copy elsewhere`,
    ]);
    expect(await refused({ INITRAMFS_SOURCE: at.path('a b/list') })).to.match(
      /a: no such file or folder; in this list, a blank ends a path$/,
    );
    expect(await refused({ BOOT_CONFIG_EMBED_FILE: '/boot' })).to.contain('make does not see it there');
    expect(await refused({ SYSTEM_TRUSTED_KEYS: at.path('none') })).to.match(/none: no such file or folder$/);
    expect(await refused({ SYSTEM_TRUSTED_KEYS: 'x/../../keys.pem' })).to.contain('has to be absolute');
  });
});
