import { expect } from 'chai';
import { causeOf, explained, failedScript } from '../../../../lib/distributions/arch/problems';
import { CommandError } from '../../../../lib/system/process';

describe("pacman's complaints", () => {
  const cases: [string, string][] = [
    [
      'error: tool: signature from "Somebody <s@example.org>" is unknown trust',
      'tool: signed by "Somebody <s@example.org>", an untrusted key',
    ],
    [
      'error: tool: signature from "Somebody" is invalid',
      'tool: the signature of "Somebody" does not match the file',
    ],
    ['error: tool: missing required signature', 'tool: unsigned, but a signature is required'],
    [
      "error: failed retrieving file 'my-tool-1:2.0-1-any.pkg.tar.zst.sig' from disk : Couldn't open file",
      'my-tool: unsigned, but a signature is required',
    ],
    [
      'tool: /usr/bin/x exists in filesystem (owned by other)',
      'tool and other both have the file /usr/bin/x',
    ],
    ["/usr/bin/x exists in both 'tool' and 'other'", 'tool and other both have the file /usr/bin/x'],
    [':: tool-1-1 and other-2-1 are in conflict', 'tool and other cannot be installed together'],
    ['warning: cannot resolve "thing", a dependency of "tool"', 'tool needs thing, which no repository has'],
    ['error: could not extract /usr/bin/x (Write failed)', 'no space left on the disk'],
  ];
  for (const [said, meant] of cases) {
    it(`"${said.slice(0, 60)}" are one clear line`, () =>
      expect(causeOf(`:: doing\n${said}\nmore`)?.message).to.equal(meant));
  }

  it('that are unknown are shown as they are', () => {
    const error = new CommandError(
      ['pacman'],
      1,
      'installing\nerror: the moon is blue\nother',
      'pacman failed',
    );
    expect(String(explained(error, 'the packages cannot be installed'))).to.equal(
      'the packages cannot be installed\n    error: the moon is blue',
    );
    const other = new Error('not of pacman');
    expect(explained(other, 'x')).to.equal(other);
  });
});

describe('a scriptlet or hook that fails', () => {
  it('is named by its package, with its output', () => {
    const output =
      'installing calm...\ninstalling wild...\nno luck\nerror: command failed to execute correctly\ninstalling last...\n';
    expect(failedScript(output)).to.equal('the scriptlet of wild failed\n    no luck');
  });

  it('is named by its description', () => {
    const output =
      'installing wild...\n:: Running post-transaction hooks...\n(1/2) Updating things...\n(2/2) Asking the oracle...\nit is asleep\nerror: command failed to execute correctly\n';
    expect(failedScript(output)).to.equal('the hook "Asking the oracle" failed\n    it is asleep');
  });

  it('is not found when all went well', () =>
    expect(failedScript('installing calm...\n(1/1) Updating things...\n')).to.equal(undefined));
});
