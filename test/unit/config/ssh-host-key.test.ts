import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { hostKeyOf } from '../../../lib/config/ssh-host-key';
import { hostKeyFiles } from '../../../lib/root/system-files';
import { cleanUp, load, problemsOf } from './workspace';

describe('a host key of SSH that is handed in', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'dock0-key-'));
  });
  afterEach(() => {
    rmSync(folder, { recursive: true });
    cleanUp();
  });
  const make = (type: string, passphrase = '', more: string[] = []): { text: string; line: string } => {
    const file = join(folder, `${type}${more.length}`);
    execFileSync('ssh-keygen', ['-q', '-t', type, '-N', passphrase, '-C', 'me', ...more, '-f', file]);
    const line = readFileSync(`${file}.pub`, 'utf8').trim().split(' ').slice(0, 2).join(' ');
    return { text: readFileSync(file, 'utf8'), line };
  };

  it('says its type and its public key', () => {
    for (const [type, name] of [
      ['ed25519', 'ssh_host_ed25519_key'],
      ['ecdsa', 'ssh_host_ecdsa_key'],
      ['rsa', 'ssh_host_rsa_key'],
    ] as const) {
      const { text, line } = make(type);
      for (const form of [text, text.trim(), text.replaceAll('\n', '\r\n')])
        expect(hostKeyOf(form)).to.deep.equal({ name, publicKey: line });
    }
  });

  it('is two files: the private one is readable by root only, and one that sshd reads', () => {
    const { text, line } = make('ed25519');
    const files = hostKeyFiles([text.trim()]);
    expect(files.map(({ path }) => path)).to.deep.equal([
      'etc/ssh',
      'etc/ssh/ssh_host_ed25519_key',
      'etc/ssh/ssh_host_ed25519_key.pub',
    ]);
    expect(files[1]).to.include({ mode: 0o600, content: text });
    expect(files[2]).to.include({ mode: 0o644, content: `${line}\n` });
  });

  it('is refused with a passphrase, in another format, cut off or damaged', () => {
    const { text } = make('ed25519');
    expect(hostKeyOf(make('ecdsa', 'a passphrase').text)).to.match(/^it has a passphrase/);
    expect(hostKeyOf(make('rsa', '', ['-m', 'PEM']).text)).to.match(/^expected a private key in OpenSSH's/);
    expect(hostKeyOf('ssh-ed25519 AAAA me')).to.match(/^expected a private key in OpenSSH's/);
    const lines = text.split('\n');
    for (const wrong of [
      [lines[0], ...lines.slice(2)],
      [...lines.slice(0, 2), ...lines.slice(3)],
    ])
      expect(hostKeyOf(wrong.join('\n')), wrong.join('\n')).to.equal('the key is cut off or damaged');
    for (let length = 0; length < text.length - 40; length += 7)
      expect(hostKeyOf(`${text.slice(0, length)}\n-----END OPENSSH PRIVATE KEY-----`)).to.be.a('string');
  });

  it('is a secret, and one of its type', () => {
    const reference = (name: string): string => '$'.concat(`{secret:${name}}`);
    const first = make('ed25519');
    make('ed25519', '', ['-a', '1']);
    const secrets = `secrets: {ONE: ${join(folder, 'ed255190')}, TWO: ${join(folder, 'ed255192')}}\n`;
    const problems = (keys: string, more = ''): string[] =>
      problemsOf({ 'dock0.yaml': `state: {ssh_host_keys: [${keys}]}\n${more}` });
    const fine = { 'dock0.yaml': `state: {ssh_host_keys: ["${reference('ONE')}"]}\n${secrets}` };
    expect(load(fine).base.state.ssh_host_keys).to.deep.equal([first.text.trimEnd()]);
    expect(problems(`"${reference('ONE')}", "${reference('TWO')}"`, secrets)).to.deep.equal([
      'dock0.yaml:1:42: state.ssh_host_keys.1: expected one key of each type, found a second ssh_host_ed25519_key beside 0',
    ]);
    const literal = problems(JSON.stringify(first.text));
    expect(literal).to.deep.equal([
      `dock0.yaml:1:25: state.ssh_host_keys.0: expected a secret (${reference('NAME')}), found the key itself`,
    ]);
  });
});
