import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect } from 'chai';
import { openApt } from '../../lib/distributions/debian/apt';
import { Dock0Error } from '../../lib/error';
import { workFolder } from '../helpers/gulp';

/** A repository without packages, unsigned. */
function publish(folder: string, suite: string): void {
  const index = 'main/binary-all/Packages';
  const place = join(folder, 'dists', suite);
  mkdirSync(dirname(join(place, index)), { recursive: true });
  writeFileSync(join(place, index), '');
  const hash = createHash('sha256').update('').digest('hex');
  const facts = [
    ...[`Suite: ${suite}`, `Codename: ${suite}`, 'Date: Thu, 01 Jan 2026 00:00:00 UTC'],
    ...['Architectures: all', 'Components: main', 'SHA256:', ` ${hash} 0 ${index}`, ''],
  ];
  writeFileSync(join(place, 'Release'), facts.join('\n'));
}

describe('the address of a Debian mirror', () => {
  const work = workFolder();
  const fetched = async (mirror: string): Promise<string[]> => {
    const said: string[] = [];
    const signal = new AbortController().signal;
    const apt = openApt({ release: 'trixie', mirror: [mirror], backports: false }, work.path('cache'));
    // These have no signatures; only what there is counts here.
    mkdirSync(join(apt.folder, 'conf.d'), { recursive: true });
    writeFileSync(join(apt.folder, 'conf.d/unsigned'), 'Acquire::AllowInsecureRepositories "true";\n');
    await apt.refresh({ signal, log: (line) => said.push(line) });
    return said;
  };
  it('is asked for updates and security fixes, and what it lacks is said in a line each', async () => {
    const mirror = `copy:${encodeURI(work.path('so me/debian'))}`;
    publish(work.path('so me/debian'), 'trixie');
    expect(await fetched(mirror)).to.deep.equal([
      'fetching the package lists of trixie',
      `${mirror} has no trixie-updates`,
      `no security fixes: ${mirror}-security has no trixie-security; state a mirror that does in \`mirror\`, as \`deb URL trixie-security main\``,
    ]);
    publish(work.path('so me/debian'), 'trixie-updates');
    publish(work.path('so me/debian-security'), 'trixie-security');
    expect(await fetched(mirror)).to.deep.equal(['fetching the package lists of trixie']);
  });

  it('is refused when it does not have the release', async () => {
    publish(work.path('other/debian'), 'bookworm');
    const error = await fetched(`copy:${encodeURI(work.path('other/debian'))}`).catch((error) => error);
    expect(error).to.be.instanceOf(Dock0Error);
    expect(error.message).to.match(/the package lists of trixie cannot be fetched/);
  });
});
