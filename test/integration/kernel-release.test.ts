import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { originOf } from '../../lib/kernel/source/origin';
import { sourceServer } from '../unit/kernel/source-server';
import {
  DEVELOPER,
  failure,
  fixtures,
  NAME,
  preparedIn,
  SHA256,
  STRANGER,
  sourceContext,
  unpackedIn,
} from '../unit/kernel/support';

describe('a release of the kernel from a server', () => {
  const at = sourceServer();
  const prepare = preparedIn(() => at.work);
  const unpacked = (): string[] => unpackedIn(at.work);

  it('is found by its version and verified by the list of checksums', async () => {
    const tree = await prepare(at.kernelOrg('9.1.2'));
    expect(readFileSync(join(tree.path, 'Makefile'), 'utf8')).to.contain('SUBLEVEL = 2');
    expect(at.work.logged.join()).to.contain('the signature is not');
    expect(at.asked('releases.json')).to.equal(0);
  });

  it('is downloaded and unpacked once', async () => {
    await prepare(at.kernelOrg('9.1.2'));
    at.requests.length = 0;
    await prepare(at.kernelOrg('9.1.2'));
    expect(at.requests).to.deep.equal([]);
  });

  it('is verified by the signature of the tar when keys are named', async () => {
    await prepare(at.kernelOrg('9.1.2', { keys: [DEVELOPER] }));
    expect(at.work.logged.join()).to.contain('is signed by');
    at.work.renew();
    const error = await failure(() => prepare(at.kernelOrg('9.1.2', { keys: [STRANGER] })));
    expect(error.message).to.contain('not in kernel.source.keys');
    expect(unpacked()).to.have.length(1);
  });

  it('is the newest of a line, by a list that is downloaded once a day and used without a network', async () => {
    const stable = await originOf(sourceContext(at.work, at.kernelOrg('stable')));
    expect(stable.values).to.deep.equal({ version: '9.1.2' });
    at.down = true;
    expect((await originOf(sourceContext(at.work, at.kernelOrg('stable')))).values).to.deep.equal({
      version: '9.1.2',
    });
    expect(at.asked('releases.json')).to.equal(1);
    const error = await failure(() => originOf(sourceContext(at.work, at.kernelOrg('longterm'))));
    expect(error.message).to.contain('has no longterm release; it has mainline, stable');
  });

  it('is verified by a checksum or a signature that is stated later on', async () => {
    const url = `${at.address}/v9.x/${NAME}`;
    for (const source of [at.kernelOrg('9.1.2'), { url }]) {
      await prepare(source);
      const sha256 = await failure(() => prepare({ ...source, sha256: 'ab'.repeat(32) }));
      expect(sha256.message).to.contain(`its SHA-256 is ${SHA256}, expected abab`);
      at.files['/other.tar.sign'] = Buffer.from('none');
      const signature = `${at.address}/other.tar.sign`;
      const signed = await failure(() => prepare({ ...source, signature, keys: [DEVELOPER] }));
      expect(signed.message).to.contain('there is no signature in the signature file');
      at.work.renew();
    }
    expect(unpacked()).to.have.length(2);
  });

  it('has its checksum, signature and keys as inputs', async () => {
    const inputs = async (more: object): Promise<unknown> => {
      const { values, files } = await originOf(sourceContext(at.work, at.kernelOrg('9.1.2', more)));
      return { values, files };
    };
    const signature = join(fixtures, 'linux-9.1.2.tar.sign');
    const key = { name: 'kernel.source.keys: developer.asc', path: DEVELOPER };
    expect(await inputs({ sha256: SHA256 })).to.deep.equal({
      values: { version: '9.1.2', sha256: SHA256 },
      files: [],
    });
    expect(await inputs({ signature: `${at.address}/x.sig`, keys: [DEVELOPER] })).to.deep.equal({
      values: { version: '9.1.2', signature: `${at.address}/x.sig` },
      files: [key],
    });
    expect(await inputs({ signature, keys: [DEVELOPER] })).to.deep.equal({
      values: { version: '9.1.2' },
      files: [{ name: 'kernel.source.signature', path: signature }, key],
    });
  });

  it('that does not exist is refused, with the newest of its line', async () => {
    const error = await failure(() => prepare(at.kernelOrg('9.1.7')));
    expect(error.message).to.contain('there is no Linux 9.1.7');
    expect(String(error)).to.contain('The newest of 9.1 is 9.1.2');
    for (const more of [{}, { sha256: SHA256 }]) {
      const none = await failure(() => prepare(at.kernelOrg('8.1', more)));
      expect(none.message).to.equal(`kernel.source.version: ${at.address} has no Linux 8.1`);
      expect(String(none)).to.contain('There are 9.2-rc1 (mainline), 9.1.2 (stable).');
    }
  });

  it('that is not verified is named, with its checksum', async () => {
    await prepare({ url: `${at.address}/v9.x/${NAME}` });
    expect(at.work.logged.join()).to.contain(`kernel.source.sha256: ${SHA256}`);
  });
});
