import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { nodeAt } from '../node';
import { describe, meant } from '../problems';
import type { Config } from '../schema';
import { didYouMean } from '../suggest';
import { checkDaemonValue } from './daemon-values';
import type { Checked } from './rule';

/** Kinds of values in daemon.json, in words. */
const KINDS = {
  switch: 'true or false',
  number: 'a whole number',
  text: 'a text',
  texts: 'a list of texts',
  textMap: 'a map of texts',
  switchMap: 'a map of names to true or false',
  mapMap: 'a map of maps',
  maps: 'a list of maps',
  map: 'a map',
} as const;

type Kind = keyof typeof KINDS;

/** Keys of daemon.json (dockerd(8), "Daemon configuration file"), as `dockerd --validate` of Docker 26 and 28 takes them. */
const KEYS: Readonly<Record<Kind, string>> = {
  switch: `allow-direct-routing debug experimental icc init ip-forward ip-forward-no-drop ip-masq ip6tables iptables ipv6
live-restore no-new-privileges raw-logs selinux-enabled tls tlsverify userland-proxy`,
  number: `cpu-rt-period cpu-rt-runtime max-concurrent-downloads max-concurrent-uploads max-download-attempts mtu
network-control-plane-mtu shutdown-timeout`,
  text: `bip bip6 bridge cgroup-parent containerd-namespace containerd-plugins-namespace
default-cgroupns-mode default-gateway default-gateway-v6 default-ipc-mode default-runtime default-shm-size exec-root
firewall-backend fixed-cidr fixed-cidr-v6 group host-gateway-ip init-path ip log-driver log-format log-level
metrics-addr pidfile seccomp-profile swarm-default-advertise-addr tlscacert tlscert tlskey userland-proxy-path
userns-remap`,
  texts: `allow-nondistributable-artifacts authorization-plugins cdi-spec-dirs dns dns-opts dns-search exec-opts
host-gateway-ips insecure-registries labels node-generic-resources registry-mirrors storage-opts`,
  textMap: 'log-opts proxies',
  switchMap: 'features',
  mapMap: 'default-network-opts default-ulimits runtimes',
  maps: 'default-address-pools',
  map: 'builder',
};

const KIND_OF = new Map(
  (Object.entries(KEYS) as [Kind, string][]).flatMap(([kind, names]) =>
    names.split(/\s+/).map((name): [string, Kind] => [name, kind]),
  ),
);

/** Keys with which the machine would be another one than was checked, or that do nothing there. */
const INSTEAD: Readonly<Record<string, string>> = {
  'data-root': 'docker.storage.path instead, which sets it and sees to it that a volume holds the data',
  graph: 'docker.storage.path instead, which sets it and sees to it that a volume holds the data',
  'storage-driver': 'docker.storage.driver instead, which sets it and is checked with the volume',
  'http-proxy': 'proxies: {http-proxy: …} instead: dockerd ignores it here',
  'https-proxy': 'proxies: {https-proxy: …} instead: dockerd ignores it here',
  'no-proxy': 'proxies: {no-proxy: …} instead: dockerd ignores it here',
};

/** Keys that docker.service states as flags. */
const FLAGS: Readonly<Record<string, string>> = { hosts: '-H fd://', containerd: '--containerd' };

/** Checks what dockerd does not start with in daemon.json: unknown keys, values of another kind, what is a flag already. */
export function checkDaemon(checked: Checked): void {
  const { config, wrong, warn } = checked;
  if (!config.docker.enabled) return;
  for (const [key, value] of Object.entries(config.docker.daemon)) {
    const keys = ['docker', 'daemon', key];
    const instead = INSTEAD[key];
    const flag = FLAGS[key];
    const kind = KIND_OF.get(key);
    if (instead !== undefined) wrong(keys, `expected ${instead}`);
    else if (flag !== undefined) {
      if (!bringsUnit(config))
        wrong(
          keys,
          `expected nothing: docker.service has ${flag}, and dockerd does not start with both; bring a docker.service of your own in \`overlay\` to change it`,
        );
    } else if (kind !== undefined) {
      if (checkKind(kind, value, keys, checked)) checkDaemonValue(key, value, keys, checked);
    } else {
      // Later versions have more keys; a slip is near to a known one.
      const near = didYouMean(key, [...KIND_OF.keys(), ...Object.keys(INSTEAD), ...Object.keys(FLAGS)]);
      const unknown = 'unknown key of daemon.json, with which dockerd does not start';
      if (near !== undefined) wrong(keys, `${unknown}${meant(near)}`);
      else warn(keys, `${unknown}, unless its version has it`);
    }
  }
}

/** Whether the unit, or a part of it, is the user's. */
function bringsUnit({ overlay, templates }: Config): boolean {
  const unit = 'etc/systemd/system/docker.service';
  return [...overlay, ...templates].some((folder) =>
    [unit, `${unit}.d`].some((file) => existsSync(join(folder, file))),
  );
}

/** Whether a value, and all in it, is of a kind; else that is reported. */
function checkKind(kind: Kind, value: unknown, keys: readonly string[], checked: Checked): boolean {
  const items: Partial<Record<Kind, Kind>> = {
    texts: 'text',
    maps: 'map',
    textMap: 'text',
    switchMap: 'switch',
    mapMap: 'map',
  };
  const inner = items[kind];
  if (!fits(kind, value)) {
    const node = nodeAt(checked.root, keys);
    checked.wrong(keys, `expected ${KINDS[kind]}, found ${describe(node)}${advice(kind, value)}`);
    return false;
  }
  if (inner === undefined) return true;
  const fine = Object.entries(value as object).map(([name, item]) =>
    checkKind(inner, item, [...keys, name], checked),
  );
  return fine.every(Boolean);
}

function fits(kind: Kind, value: unknown): boolean {
  switch (kind) {
    case 'switch':
      return typeof value === 'boolean';
    case 'number':
      return Number.isInteger(value);
    case 'text':
      return typeof value === 'string';
    case 'texts':
    case 'maps':
      return Array.isArray(value);
    default:
      return typeof value === 'object' && value !== null && !Array.isArray(value);
  }
}

/** Words of YAML 1.1 are texts; so is what has quotes. */
const WORDS: Readonly<Record<string, boolean>> = { yes: true, on: true, no: false, off: false };

function advice(kind: Kind, value: unknown): string {
  if (kind === 'text') return typeof value === 'object' ? '' : '; put it in quotes';
  if (kind === 'texts') return typeof value === 'string' ? meant(`[${JSON.stringify(value)}]`) : '';
  if (typeof value !== 'string') return '';
  const word = value.toLowerCase();
  if (kind === 'switch') {
    if (word === 'true' || word === 'false') return '; leave the quotes out';
    return WORDS[word] === undefined ? '' : meant(String(WORDS[word]));
  }
  return kind === 'number' && /^\d+$/.test(value) ? '; leave the quotes out' : '';
}
