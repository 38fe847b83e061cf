import { mkdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { expect } from 'chai';
import { espBytes } from '../../lib/install/boot';
import { LEAST_ESP_BYTES } from '../../lib/install/layout';
import { loaderConf } from '../../lib/install/loaders/systemd-boot';
import { sectionsOf } from '../../lib/install/pe';
import { signedOtherwise } from '../../lib/install/signed-loader';
import { signer } from '../../lib/install/signing';
import { EFI_NAMES, STUB, ukiOf } from '../../lib/install/uki';
import { writeFat } from '../../lib/system/fat';
import { run } from '../../lib/system/process';
import { testFolder } from '../helpers/folder';
import { signingKeys } from '../helpers/secure-boot';

describe('a unified kernel image', () => {
  const folder = testFolder();
  const image = (): Buffer =>
    ukiOf(readFileSync(STUB), {
      id: 'aa',
      name: 'web',
      cmdline: 'quiet dock0.id=aa',
      kernel: Buffer.alloc(3000, 'kernel'),
      initramfs: Buffer.alloc(7000, 'initramfs'),
    });

  it('has kernel, initramfs and command line, and says which release it is', () => {
    const made = image();
    const content = Object.fromEntries(
      sectionsOf(made).map(({ name, offset, size }) => [name, made.toString('utf8', offset, offset + size)]),
    );
    expect(content['.linux']).to.match(/^(kernel)+$/);
    expect(content['.initrd']).to.have.length(7000);
    expect(content['.cmdline']).to.equal('quiet dock0.id=aa dock0.release=aa dock0.counted');
    expect(content['.osrel']).to.equal('ID=dock0\nNAME="web"\nPRETTY_NAME="web aa"\n');
    expect(content['.sdmagic']).to.contain('LoaderInfo: systemd-stub');
  });

  it('is signed so that its certificate fits, with the same bytes each time', async () => {
    const keys = await signingKeys(folder.path(), 'own');
    const other = await signingKeys(folder.path(), 'other');
    const sign = signer(keys, 1_700_000_000, { tmp: folder.path(), run });
    const [first, second] = [await sign(image()), await sign(image())];
    expect(first.equals(second)).to.equal(true);
    const check = async (certificate: string): Promise<number | null> =>
      (
        await run('sbverify', ['--cert', certificate, folder.path('signed.efi')], {
          okCodes: [0, 1],
        })
      ).code;
    expect([await check(keys.certificate), await check(other.certificate)]).to.deep.equal([0, 1]);
  });
});

describe('a disk whose boot loader is signed', () => {
  const folder = testFolder();

  it('is told of a release that is not, or by another key', async () => {
    const keys = await signingKeys(folder.path(), 'own');
    const other = await signingKeys(folder.path(), 'other');
    const sign = signer(keys, 1_700_000_000, { tmp: folder.path(), run });
    const loader = readFileSync(STUB);
    const esp = { start: 2048 * 512, bytes: 64 * 2 ** 20 };
    const warning = async (name: string, program: Buffer, certificate?: string) => {
      const efi = folder.path(`${name}/EFI/BOOT`);
      mkdirSync(efi, { recursive: true });
      writeFileSync(`${efi}/${EFI_NAMES.name}`, program);
      const disk = folder.path(`${name}.img`);
      writeFileSync(disk, '');
      truncateSync(disk, 80 * 2 ** 20);
      const fat = { label: 'ESP', volumeId: '12345678', from: folder.path(name) };
      await writeFat({ file: disk, offset: esp.start, bytes: esp.bytes, ...fat }, run);
      return signedOtherwise(disk, esp, certificate, { tmp: folder.path(), run });
    };
    expect(await warning('unsigned', loader)).to.equal(undefined);
    expect(await warning('unsigned', loader, keys.certificate)).to.equal(undefined);
    for (const [name, content] of [
      ['empty', Buffer.alloc(0)],
      ['cut', loader.subarray(0, 100)],
      ['other', Buffer.alloc(300, 0xff)],
    ] as const)
      expect(await warning(name, Buffer.from(content))).to.equal(undefined);
    const signed = await sign(loader);
    expect(await warning('signed', signed, keys.certificate)).to.equal(undefined);
    expect(await warning('signed', signed)).to.match(/signed, and the release by none: /);
    expect(await warning('signed', signed, other.certificate)).to.match(/and the release by another key: /);
  });
});

describe('the EFI system partition', () => {
  it('has room for the releases that are kept, and one that comes', () => {
    const mebibytes = (each: number, releases: number): number =>
      espBytes(each * 2 ** 20, releases, 2 ** 18) / 2 ** 20;
    expect(espBytes(0, 3, 2 ** 18)).to.equal(LEAST_ESP_BYTES);
    expect(mebibytes(20, 3)).to.be.within(81, 85);
    expect(mebibytes(200, 3)).to.be.within(801, 820);
  });

  it('has no editor of the command line where that is signed', () => {
    expect(loaderConf(false)).to.equal('timeout 1\nauto-entries no\nauto-firmware no\n');
    expect(loaderConf(true)).to.match(/^editor no$/m);
  });
});
