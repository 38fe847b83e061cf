import { expect } from 'chai';
import { cleanUp, load, problemsOf } from '../../config/workspace';

describe("the name of Debian's release", () => {
  afterEach(cleanUp);
  const of = (release: string): string[] =>
    problemsOf({ 'dock0.yaml': `distribution: debian\nrelease: ${release}\n` });
  const expected = 'expected the code name of a release, such as trixie or sid, found';

  it('is a code name', () => {
    for (const release of ['bookworm', 'trixie', 'forky', 'sid'])
      expect(load({ 'dock0.yaml': `distribution: debian\nrelease: ${release}\n` }).base.release).to.equal(
        release,
      );
  });

  it('is none that leads to another release later', () => {
    for (const release of ['stable', 'testing', 'oldstable'])
      expect(of(release)).to.deep.equal([
        `dock0.yaml:2:10: release: ${expected} ${release}, which is another release when the next one comes out`,
      ]);
    expect(of('unstable')).to.deep.equal([
      `dock0.yaml:2:10: release: ${expected} unstable; did you mean sid?`,
    ]);
  });

  it('is no suite that has only some packages', () => {
    expect(of('bookworm-backports')).to.deep.equal([
      `dock0.yaml:2:10: release: ${expected} bookworm-backports; \`backports: true\` adds them to a release`,
    ]);
    for (const release of ['experimental', 'trixie-security'])
      expect(of(release)).to.deep.equal([
        `dock0.yaml:2:10: release: ${expected} ${release}, which has only some packages, beside those of a release`,
      ]);
  });
});
