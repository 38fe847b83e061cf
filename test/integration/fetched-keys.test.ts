import { readFileSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect } from 'chai';
import { workFolder } from '../helpers/gulp';
import { tinyHost } from '../helpers/tiny-host';

const KEYS = [
  'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAICoVS+XZw2zOvRH+vA2WGnO+QaNoBn7gnZ6ah3eRcLZM me',
  'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAILG02Cs9HJ7J27rn8Krmh3zyOFyv28A5CqtUuFa1/JUJ me',
] as const;

describe('public keys that are named by URL', () => {
  const work = workFolder();
  const host = tinyHost(() => work.path());
  let server: Server;
  let url: string;
  let asked: number;
  let answer: { status: number; text: string };
  before(async () => {
    server = createServer((_, response) => {
      asked++;
      response.statusCode = answer.status;
      response.end(answer.text);
    });
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/me.keys`;
  });
  after(() => server.close());
  beforeEach(() => {
    asked = 0;
    answer = { status: 200, text: `# mine\n${KEYS[0]}\r\n\n` };
    for (const path of ['dock0.lock', 'cache/downloads/ssh-keys'])
      rmSync(host.path(path), { recursive: true, force: true });
    host.configure({ root: { ssh_keys: [url] }, lock: './dock0.lock' });
    const gulpfile = readFileSync(host.path('gulpfile.ts'), 'utf8');
    host.write(
      'gulpfile.ts',
      gulpfile.replace('export const { install,', 'export const { lock, update, install,'),
    );
  });
  const succeed = async (...args: string[]): Promise<string> => {
    const { code, output } = await host.task(args);
    expect(code, output).to.equal(0);
    return output;
  };
  const fail = async (...args: string[]): Promise<string> => {
    const { code, output } = await host.task(args);
    expect(code, output).to.equal(1);
    return output;
  };
  const keys = (): Promise<string> => host.content('root/.ssh/authorized_keys');

  it('are in the image, fetched at each build as long as nothing locks them, and said to be', async () => {
    const output = await succeed('install');
    expect(output).to.contain(`warning: ssh_keys: ${url} is fetched without TLS and not locked`);
    expect((await keys()).trim()).to.equal(KEYS[0]);
    expect(asked).to.equal(1);
    answer.text = `${KEYS[1]}\n`;
    await succeed('install');
    expect((await keys()).trim()).to.equal(KEYS[1]);
  });

  it('are those of the lock, without a look at the network, until `gulp update` moves them', async () => {
    await succeed('lock');
    expect(readFileSync(host.path('dock0.lock'), 'utf8')).to.match(
      new RegExp(`ssh_keys:\\n\\s+${url.replaceAll('.', '\\.')}: [0-9a-f]{64}\\n`),
    );
    asked = 0;
    answer.text = `${KEYS[1]}\n`;
    const output = await succeed('install');
    expect(output).not.to.contain('without TLS');
    expect((await keys()).trim()).to.equal(KEYS[0]);
    await succeed('lock');
    expect(asked).to.equal(0);
    await succeed('update');
    await succeed('install');
    expect((await keys()).trim()).to.equal(KEYS[1]);
  });

  it('are locked without the secret in their URL', async () => {
    host.configure({ root: { ssh_keys: [`${url}?token=\${secret:TOKEN}`] }, lock: './dock0.lock' });
    const gulpfile = readFileSync(host.path('gulpfile.ts'), 'utf8');
    host.write('gulpfile.ts', gulpfile.replace('export const { install,', 'export const { lock, install,'));
    const env = { TOKEN: 'hunter2hunter2' };
    for (const task of ['lock', 'install']) {
      const { code, output } = await host.task([task], { env });
      expect(code, output).to.equal(0);
      expect(output).to.not.contain(env.TOKEN);
    }
    const lock = readFileSync(host.path('dock0.lock'), 'utf8');
    expect(lock).to.contain(`me.keys?token=\${secret:TOKEN}`).and.not.to.contain(env.TOKEN);
    expect((await keys()).trim()).to.equal(KEYS[0]);
  });

  it('are refused where they changed since the lock was written', async () => {
    await succeed('lock');
    rmSync(host.path('cache/downloads/ssh-keys'), { recursive: true });
    answer.text = `${KEYS[0]}\n${KEYS[1]}\n`;
    const output = await fail('install');
    expect(output).to.contain(`dock0.lock: the keys at ${url} are not those that were locked`);
    expect(output).to.contain('`gulp update` locks the keys that are there now');
  });

  it('are refused where the lock does not have their URL', async () => {
    await succeed('lock');
    host.write(
      'dock0.lock',
      readFileSync(host.path('dock0.lock'), 'utf8').replace('/me.keys', '/other.keys'),
    );
    expect(await fail('install')).to.contain(`dock0.lock: not what \`ssh_keys\` requests: ${url} was added`);
  });

  it('are refused where there is no such file, and where something else is there', async () => {
    answer = { status: 404, text: 'no' };
    expect(await fail('install')).to.contain(`ssh_keys: ${url} cannot be fetched: HTTP 404`);
    answer = { status: 200, text: `${KEYS[0]}\n<html>\n` };
    expect(await fail('install')).to.match(
      /ssh_keys: \S+, line 2: expected a type of key such as ssh-ed25519/,
    );
    answer.text = '# nobody\n';
    expect(await fail('install')).to.contain(`ssh_keys: ${url} has no key`);
    answer.text = '';
    expect(await fail('install')).to.contain(`ssh_keys: ${url} is no list of public keys: it has 0 bytes`);
    answer.text = 'x'.repeat((1 << 20) + 1);
    expect(await fail('install')).to.contain('is no list of public keys: it has 1048577 bytes');
  });
});
