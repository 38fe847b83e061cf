import { isIP } from 'node:net';
import { type Family, networkOf, parseWithPrefix } from '../address';
import type { Checked } from './rule';

/** Words that a key of daemon.json takes, where it takes no others. */
const WORDS: Readonly<Record<string, readonly string[]>> = {
  'log-level': ['trace', 'debug', 'info', 'warn', 'error', 'fatal'],
  'log-format': ['text', 'json'],
  'default-ipc-mode': ['private', 'shareable'],
  'default-cgroupns-mode': ['private', 'host'],
};

/** The runtimes that dockerd brings. */
const RUNTIMES = ['runc', 'io.containerd.runc.v2'];

const DRIVER = 'native.cgroupdriver';
const DRIVERS = ['systemd', 'cgroupfs'];

/**
 * Checks values of daemon.json, of the right kind, with which dockerd does not start (tried with 20.10, 26.1 and 28.5).
 *
 * @param keys of the value in the configuration
 */
export function checkDaemonValue(
  key: string,
  value: unknown,
  keys: readonly string[],
  checked: Checked,
): void {
  const { wrong, warn, config } = checked;
  const { daemon } = config.docker;
  const words = WORDS[key];
  const each = (check: (text: string) => string | undefined): void => {
    for (const [at, item] of listed(value).entries()) {
      const problem = check(item);
      if (problem !== undefined)
        wrong(
          Array.isArray(value) ? [...keys, String(at)] : keys,
          `${problem}, found ${JSON.stringify(item)}`,
        );
    }
  };
  if (words !== undefined)
    each((text) => (words.includes(text) ? undefined : `expected ${words.join(', ')}`));
  else if (key === 'registry-mirrors') {
    each(mirrorProblem);
    if (listed(value).some((text) => mirrorProblem(text) === undefined && new URL(text).pathname !== '/'))
      warn(keys, 'Docker 20.10 does not start with an address that has a path');
  } else if (key === 'dns')
    each((text) => (isIP(text) === 0 ? 'expected an address such as 192.0.2.53' : undefined));
  else if (key === 'bip') each((text) => bridgeProblem(text, 4, '172.26.0.1/16'));
  else if (key === 'bip6') each((text) => bridgeProblem(text, 6, 'fd00:26::1/64'));
  else if (key === 'exec-opts')
    each((text) => {
      const [name, driver] = text.split('=');
      return name === DRIVER && DRIVERS.includes(driver ?? '')
        ? undefined
        : `expected ${DRIVERS.map((each) => `${DRIVER}=${each}`).join(' or ')}`;
    });
  else if (key === 'default-runtime') {
    const known = [...RUNTIMES, ...Object.keys((daemon.runtimes as object | undefined) ?? {})];
    // containerd finds others by their names: io.containerd.kata.v2, or a path.
    each((text) =>
      known.includes(text) || /[./]/.test(text)
        ? undefined
        : `expected one of \`runtimes\`, or ${RUNTIMES[0]}`,
    );
  } else if (key === 'ipv6' && value === true && daemon['fixed-cidr-v6'] === undefined)
    warn(
      keys,
      'before its version 27 Docker does not start with it, unless fixed-cidr-v6 says which network',
    );
  else if (key === 'bridge' && value === 'none') {
    const names = Object.entries(config.containers)
      .filter(([, { networks }]) => networks.length === 0 || networks.includes('bridge'))
      .map(([name]) => name);
    if (names.length > 0)
      wrong(keys, `expected a bridge, which ${names.join(', ')} of \`containers\` use, found none`);
  } else if (key === 'default-address-pools') checkPools(value as object[], keys, checked);
}

/** A text is a list of one. */
function listed(value: unknown): readonly string[] {
  return Array.isArray(value) ? value : [String(value)];
}

function mirrorProblem(text: string): string | undefined {
  const expected = 'expected an address such as https://mirror.example.org';
  if (!URL.canParse(text)) return expected;
  const { protocol, search, hash, username } = new URL(text);
  const plain = search === '' && hash === '' && username === '';
  return /^https?:$/.test(protocol) && plain ? undefined : expected;
}

function bridgeProblem(text: string, family: Family, example: string): string | undefined {
  const address = parseWithPrefix(text);
  if (address?.family !== family) return `expected an address with its prefix such as ${example}`;
  return address.value === networkOf(address)
    ? `expected the address of the bridge itself such as ${example}`
    : undefined;
}

function checkPools(pools: readonly object[], keys: readonly string[], { wrong }: Checked): void {
  for (const [at, pool] of pools.entries()) {
    const { base, size } = pool as { base?: unknown; size?: unknown };
    const network = parseWithPrefix(String(base));
    if (network === undefined) {
      wrong(
        [...keys, String(at), 'base'],
        `expected a network such as 172.80.0.0/16, found ${JSON.stringify(base) ?? 'nothing'}`,
      );
      continue;
    }
    const most = network.family === 4 ? 32 : 128;
    if (!Number.isInteger(size) || Number(size) < network.prefix || Number(size) > most)
      wrong(
        [...keys, String(at), 'size'],
        `expected the prefix of each network in ${String(base)}, ${network.prefix} to ${most}, found ${JSON.stringify(size) ?? 'nothing'}`,
      );
  }
}
