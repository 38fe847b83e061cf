import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { openApt } from '../../../../lib/distributions/debian/apt';
import { workFolder } from '../../../helpers/gulp';

describe('the private apt', () => {
  const work = workFolder();

  it('keeps the addresses of servers, which may have passwords in them, in files of its owner only', async () => {
    const password = 'correct-horse-battery';
    const mirror = `file:///nowhere/${password}/debian`;
    const cache = work.path('cache');
    const apt = openApt({ release: 'trixie', mirror, backports: false }, cache);
    const context = { signal: new AbortController().signal, log: () => undefined };
    const failed = await apt.refresh(context).catch((error: Error) => error);
    expect(failed).to.be.instanceOf(Error);
    for (const name of ['sources.d/host.list', 'sources.d/host.sources', 'apt.conf'])
      expect(statSync(join(apt.folder, name)).mode & 0o777, name).to.equal(0o600);
    expect(readFileSync(join(apt.folder, 'sources.d/host.list'), 'utf8')).to.contain(password);
    // What apt makes of them is closed with its folder.
    for (const folder of [apt.folder, join(apt.folder, 'sources.d')])
      expect(statSync(folder).mode & 0o777, folder).to.equal(0o700);
  });
});
