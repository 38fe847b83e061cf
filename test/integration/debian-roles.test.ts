import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { openApt } from '../../lib/distributions/debian/apt';
import { resolvePackages } from '../../lib/distributions/debian/resolve';
import { workFolder } from '../helpers/gulp';

describe('packages that are chosen by what the lists have', () => {
  const work = workFolder();
  const signal = new AbortController().signal;
  let written = 0;
  /** The names that a request comes to, by lists with these packages, each with what it depends on. */
  const resolved = async (lists: Record<string, string>, ...packages: string[]): Promise<string[]> => {
    const folder = work.path(`lists-${++written}`);
    mkdirSync(folder);
    const stanzas = Object.entries(lists).map(([name, depends]) =>
      [
        `Package: ${name}`,
        ...['Version: 1.0-1', 'Architecture: all', `Filename: ./${name}_1.0-1_all.deb`, 'Size: 1'],
        ...[`SHA256: ${'0'.repeat(64)}`, 'Description: a package', depends && `Depends: ${depends}`],
      ]
        .filter(Boolean)
        .join('\n'),
    );
    writeFileSync(join(folder, 'Packages'), `${stanzas.join('\n\n')}\n`);
    const mirror = [`deb [trusted=yes] copy:${encodeURI(folder)} ./`];
    const apt = openApt({ release: 'trixie', mirror, backports: false }, work.path('cache'));
    const found = await resolvePackages(
      apt,
      { packages, essential: false },
      { signal, log: () => undefined },
    );
    return found.map(({ name }) => name);
  };
  const docker = 'docker-ce|docker.io';

  it("are Docker's own where a source has them, else the distribution's with its client", async () => {
    const own = { 'docker.io': '', 'docker-cli': '' };
    expect(await resolved(own, docker)).to.deep.equal(['docker-cli', 'docker.io']);
    const both = { ...own, 'docker-ce': 'docker-ce-cli', 'docker-ce-cli': '' };
    expect(await resolved(both, docker)).to.deep.equal(['docker-ce', 'docker-ce-cli']);
    expect(await resolved(both, 'docker.io')).to.deep.equal(['docker-cli', 'docker.io']);
  });

  it('are refused by name where no list has one', async () => {
    const error = await resolved({ htop: '' }, docker).catch((error: Error) => error);
    expect(error).to.have.property('message', 'no package "docker.io" in trixie');
  });

  it('are without the program that converts roots to a merged /usr, which the root has from the start', async () => {
    const lists = { tool: 'usrmerge | usr-is-merged', usrmerge: 'perl', 'usr-is-merged': '', perl: '' };
    expect(await resolved(lists, 'tool')).to.deep.equal(['tool', 'usr-is-merged']);
    expect(await resolved(lists, 'tool', 'usrmerge')).to.deep.equal(['perl', 'tool', 'usrmerge']);
  });
});
