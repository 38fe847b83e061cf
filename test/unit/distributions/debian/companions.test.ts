import { expect } from 'chai';
import type { Apt } from '../../../../lib/distributions/debian/apt';
import { withCompanions } from '../../../../lib/distributions/debian/companions';

describe('packages that others are of no use without', () => {
  const asked: string[][] = [];
  const aptWith = (...names: string[]): Apt =>
    ({
      run: async (tool: string, args: string[]) => {
        asked.push([tool, ...args]);
        const listed = args[0] === 'madison' ? madison(args[1] as string) : names;
        return { stdout: `${listed.join('\n')}\n` };
      },
    }) as unknown as Apt;
  const madison = (name: string): string[] =>
    (name === 'docker-cli' ? ['trixie', 'trixie-backports'] : ['trixie']).map(
      (suite) => `${name} | 1.0 | https://deb.example.org/debian ${suite}/main amd64 Packages`,
    );
  const signal = new AbortController().signal;
  const of = (apt: Apt, ...packages: string[]): Promise<string[]> =>
    withCompanions(apt, packages, { signal });

  it('come along where the release has them as packages of their own', async () => {
    const trixie = aptWith('docker.io', 'docker-cli', 'mount', 'login');
    expect(await of(trixie, 'systemd', 'docker.io')).to.deep.equal([
      ...['systemd', 'docker.io'],
      ...['mount', 'login', 'docker-cli'],
    ]);
    expect(await of(aptWith('docker.io', 'mount', 'login'), 'docker.io')).to.deep.equal(['docker.io']);
  });

  it('are not asked for where nothing needs them, or they are stated', async () => {
    asked.length = 0;
    const apt = aptWith('docker-cli');
    expect(await of(apt, 'htop')).to.deep.equal(['htop']);
    expect(asked).to.deep.equal([]);
    expect(await of(apt, 'docker-cli', 'docker.io')).to.deep.equal(['docker-cli', 'docker.io']);
  });

  it('come from the suite that the package is taken from, where that has them', async () => {
    const apt = aptWith('docker.io', 'docker-cli');
    expect(await of(apt, 'docker.io/trixie-backports')).to.deep.equal([
      ...['docker.io/trixie-backports', 'docker-cli/trixie-backports'],
    ]);
    expect(await of(aptWith('systemd', 'mount', 'login'), 'systemd/trixie-backports')).to.deep.equal([
      ...['systemd/trixie-backports', 'mount', 'login'],
    ]);
  });

  it('come with the first of alternatives that the lists have', async () => {
    const docker = 'docker-ce|docker.io';
    expect(await of(aptWith('docker.io', 'docker-cli'), docker)).to.deep.equal(['docker.io', 'docker-cli']);
    expect(await of(aptWith('docker-ce', 'docker.io', 'docker-cli'), docker)).to.deep.equal(['docker-ce']);
    // apt says that it has none.
    expect(await of(aptWith('htop'), docker)).to.deep.equal(['docker.io']);
  });
});
