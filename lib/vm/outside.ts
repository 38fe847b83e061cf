import { readFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Runner } from '../system/sandbox';
import type { Promised } from './promised';
import type { Check } from './verify-report';

/** What is tried from this machine, over forwarded ports. */
export interface Outside {
  forwards: { host: number; guest: number }[];
  /** The public key that the machine lets in; empty without accounts. */
  key: string;
  /** Tries all of it, when the machine is ready for it. */
  attempt: (boot: 1 | 2, nonce: string) => Promise<Check[]>;
}

const SSH = 22;
/** How long a port gets to answer, and how long an SSH server gets to start: emulated machines are slow. */
const ANSWER_MS = 10_000;
const LOGIN_MS = 90_000;

/**
 * Prepares the checks from outside: ports of this machine that lead to the guest's, and a key for this run.
 *
 * @param tmp a folder for the key
 */
export async function outsideOf(
  { ports, accounts }: Pick<Promised, 'ports' | 'accounts'>,
  tmp: string,
  run: Runner,
): Promise<Outside> {
  const guests = [...new Set([...ports.map(({ port }) => port), ...(accounts.length > 0 ? [SSH] : [])])];
  const hosts = await freePorts(guests.length);
  const forwards = guests.map((guest, at) => ({ host: hosts[at] as number, guest }));
  const hostOf = (guest: number): number => forwards.find((each) => each.guest === guest)?.host ?? 0;
  const file = join(tmp, 'key');
  if (accounts.length > 0)
    await run('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', 'verify', '-f', file]);
  return {
    forwards,
    key: accounts.length > 0 ? readFileSync(`${file}.pub`, 'utf8').trim() : '',
    attempt: async (boot, nonce) => {
      const checks: Check[] = [];
      for (const { row, port, open } of ports) {
        if (row === 'firewall-published' && boot === 2) continue;
        const said = await answerOf(hostOf(port));
        const detail = `port ${port} ${said === '' ? 'did not answer' : `answered ${said}`}, expected ${open ? 'an answer' : 'none'}`;
        checks.push({ name: row, ok: (said !== '') === open, detail });
      }
      for (const account of accounts) {
        const { ok, said } = await login(account, hostOf(SSH), file, nonce, run);
        checks.push({ name: `login:${account}`, ok, detail: said });
      }
      return checks;
    },
  };
}

/** The first line that a port answers, to an HTTP request if it has nothing to say by itself; empty where none comes. */
function answerOf(port: number): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    let said = '';
    const end = (): void => {
      socket.destroy();
      resolve(said.split('\n')[0]?.trim() ?? '');
    };
    socket.setTimeout(ANSWER_MS, end);
    socket.on('error', end);
    socket.on('close', end);
    socket.on('data', (data) => {
      said += data.toString('latin1');
      if (said.includes('\n')) end();
    });
    socket.write('GET / HTTP/1.0\r\n\r\n');
  });
}

async function login(
  account: string,
  port: number,
  key: string,
  nonce: string,
  run: Runner,
): Promise<{ ok: boolean; said: string }> {
  const options = [
    'BatchMode=yes',
    'IdentitiesOnly=yes',
    'StrictHostKeyChecking=no',
    'UserKnownHostsFile=/dev/null',
    'GlobalKnownHostsFile=/dev/null',
    'LogLevel=ERROR',
    'ConnectTimeout=30',
  ];
  const words = [
    ...['-F', '/dev/null', '-i', key, '-p', String(port)],
    ...options.flatMap((option) => ['-o', option]),
    ...[`${account}@127.0.0.1`, 'echo', nonce],
  ];
  const end = Date.now() + LOGIN_MS;
  for (;;) {
    const { stdout, stderr } = await run('ssh', words, { okCodes: ANY_CODE });
    if (stdout.includes(nonce)) return { ok: true, said: 'logged in with a key made for this run' };
    if (Date.now() > end) return { ok: false, said: stderr.trim().replaceAll('\n', ' ') || 'no answer' };
    await sleep(2000);
  }
}

const ANY_CODE = Array.from({ length: 256 }, (_, code) => code);

async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(
    Array.from(
      { length: count },
      () =>
        new Promise<ReturnType<typeof createServer>>((resolve, reject) => {
          const server = createServer();
          server.once('error', reject);
          server.listen(0, '127.0.0.1', () => resolve(server));
        }),
    ),
  );
  return servers.map((server) => {
    const address = server.address();
    server.close();
    return address !== null && typeof address === 'object' ? address.port : 0;
  });
}
