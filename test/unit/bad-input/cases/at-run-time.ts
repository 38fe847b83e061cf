import type { BadInput } from '../table';

const KEY = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAINmnDD/LfjmvKFm6iTsH/dcI2F4cljSom5Z0DjRFGmQu me';
const daemon = (keys: string): string => `docker: {daemon: {${keys}}}\n`;

/** Those that are said, and built all the same. */
const ODD: readonly string[] = [
  'a quote for GRUB',
  'a backslash for GRUB',
  'a volume over the homes of users',
  "a volume over root's home",
  'IPv6 without a network',
  'a mirror of images with a folder',
  'a misspelt sysctl',
  'the port of the resolver',
];

/** What a machine would find out: Docker, GRUB, the firewall, mounts. */
const INPUTS: Readonly<Record<string, [config: string, says: string]>> = {
  'a quote for GRUB': [
    `kernel: {cmdline: ['foo="a,b"']}\n`,
    'dock0.yaml:1:20: kernel.cmdline.0: a disk\'s GRUB gives the kernel foo=\\"a,b\\", with a backslash in front of each quote and backslash; install.loader: systemd-boot gives it as it is',
  ],
  'a backslash for GRUB': [
    "kernel: {cmdline: ['systemd.mask=dev-x\\x2dy.swap']}\n",
    "dock0.yaml:1:20: kernel.cmdline.0: a disk's GRUB gives the kernel systemd.mask=dev-x\\\\x2dy.swap, with a backslash in front of each quote and backslash; install.loader: systemd-boot gives it as it is",
  ],
  'rules that remove those of the firewall': [
    'firewall: {allow: [22]}\nunits: {enable: [nftables]}\n',
    'dock0.yaml:2:18: units.enable.0: expected no nftables beside `firewall`: the rules of its package begin with the removal of all others, and may come last; bring an etc/nftables.conf of your own in `overlay`',
  ],
  'the service of such rules': [
    'firewall: {allow: [22]}\nunits: {enable: [docker, nftables.service]}\n',
    'dock0.yaml:2:26: units.enable.1: expected no nftables.service beside `firewall`: the rules of its package begin with the removal of all others, and may come last; bring an etc/nftables.conf of your own in `overlay`',
  ],
  'a volume over the homes of users': [
    `users: {a: {ssh_keys: ['${KEY}']}}\ndocker: {enabled: false}\nvolumes: {home: {label: home, path: /home}}\n`,
    'dock0.yaml:1:13: users.a.ssh_keys: the volume home on /home hides /home/a/.ssh: the keys count only where the volume has them, too',
  ],
  "a volume over root's home": [
    `root: {ssh_keys: ['${KEY}']}\ndocker: {enabled: false}\nvolumes: {home: {label: home, path: /root/}}\n`,
    'dock0.yaml:1:8: root.ssh_keys: the volume home on /root/ hides /root/.ssh: the keys count only where the volume has them, too',
  ],
  "Compose's own network for a container": [
    'containers: {web: {image: nginx, networks: [default]}}\n',
    'dock0.yaml:1:45: containers.web.networks.0: expected a network of Docker or a name of your own, found "default", which Docker keeps for itself; did you mean bridge?',
  ],
  'a volume that is a mount of another folder': [
    'docker: {enabled: false}\nvolumes: {d: {label: d, path: /srv, options: [bind]}}\n',
    'dock0.yaml:2:47: volumes.d.options.0: expected an option of the file system, found "bind": a volume is a device, which is mounted once',
  ],
  'a volume that is mounted already': [
    'docker: {enabled: false}\nvolumes: {d: {label: d, path: /srv, options: [noatime, remount]}}\n',
    'dock0.yaml:2:56: volumes.d.options.1: expected an option of the file system, found "remount": a volume is a device, which is mounted once',
  ],
  'a network with two ways': [
    'network: {interfaces: {eth0: {addresses: [10.0.0.2/24], routes: [{to: 10.1.0.0/24, via: 10.0.0.1}, {to: 10.1.0.0/24, via: 10.0.0.3}]}}}\n',
    'dock0.yaml:1:105: network.interfaces.eth0.routes.1.to: expected a network of its own, found 10.1.0.0/24, which routes.0 has',
  ],
  'a mirror of images without a scheme': [
    daemon('registry-mirrors: [mirror.example]'),
    'dock0.yaml:1:38: docker.daemon.registry-mirrors.0: expected an address such as https://mirror.example.org, found "mirror.example"',
  ],
  'a mirror of images with a query': [
    daemon('registry-mirrors: ["https://a.example", "https://b.example/?x=1"]'),
    'dock0.yaml:1:59: docker.daemon.registry-mirrors.1: expected an address such as https://mirror.example.org, found "https://b.example/?x=1"',
  ],
  'a mirror of images with a folder': [
    daemon('registry-mirrors: ["https://b.example/x"]'),
    'dock0.yaml:1:19: docker.daemon.registry-mirrors: Docker 20.10 does not start with an address that has a path',
  ],
  'a network with two ways, written in two ways': [
    "network: {interfaces: {eth0: {addresses: ['2001:db8::2/64'], routes: [{to: '2001:db8:1::/48', via: '2001:db8::1'}, {to: '2001:0db8:1::/48', via: '2001:db8::3'}]}}}\n",
    'dock0.yaml:1:121: network.interfaces.eth0.routes.1.to: expected a network of its own, found 2001:0db8:1::/48, which routes.0 has',
  ],
  'a network for the bridge': [
    daemon('bip: 192.0.2.0/24'),
    'dock0.yaml:1:24: docker.daemon.bip: expected the address of the bridge itself such as 172.26.0.1/16, found "192.0.2.0/24"',
  ],
  'an address for the bridge without a prefix': [
    daemon('bip: 192.0.2.1'),
    'dock0.yaml:1:24: docker.daemon.bip: expected an address with its prefix such as 172.26.0.1/16, found "192.0.2.1"',
  ],
  'the port of the resolver': [
    'packages: [systemd-resolved]\ncontainers: {dns: {image: dns, ports: ["192.0.2.7:53:53/udp", "53:53/tcp"]}}\n',
    'dock0.yaml:2:63: containers.dns.ports.1: systemd-resolved has port 53 of some addresses of the machine, so the container does not start; name an address of a network card in front of the port',
  ],
  'a time that nobody sets, and Docker waits for': [
    'time: {wait: true}\nunits: {mask: [systemd-timesyncd]}\n',
    'dock0.yaml:2:16: units.mask.0: expected no systemd-timesyncd: time.wait has Docker wait for the time that it sets',
  ],
  'a misspelt sysctl': [
    'sysctl: {vm.swapiness: 10}\n',
    'dock0.yaml:1:24: sysctl."vm.swapiness": no kernel is known to have it, and then it has no effect; did you mean vm.swappiness?',
  ],
  'a number in the environment of a container': [
    'containers: {web: {image: nginx, environment: {D: 1.10}}}\n',
    'dock0.yaml:1:51: containers.web.environment.D: 1.10 would become the text 1.1; put it in quotes',
  ],
  'no bridge for a container': [
    'docker: {daemon: {bridge: none}}\ncontainers: {web: {image: nginx}, db: {image: db, networks: [own]}}\n',
    'dock0.yaml:1:27: docker.daemon.bridge: expected a bridge, which web of `containers` use, found none',
  ],
  'IPv6 without a network': [
    daemon('ipv6: true'),
    'dock0.yaml:1:25: docker.daemon.ipv6: before its version 27 Docker does not start with it, unless fixed-cidr-v6 says which network',
  ],
  'a runtime that there is not': [
    daemon('default-runtime: crun'),
    'dock0.yaml:1:36: docker.daemon.default-runtime: expected one of `runtimes`, or runc, found "crun"',
  ],
  'an unknown option of the runtime': [
    daemon("exec-opts: ['native.cgroupdriver=foo']"),
    'dock0.yaml:1:31: docker.daemon.exec-opts.0: expected native.cgroupdriver=systemd or native.cgroupdriver=cgroupfs, found "native.cgroupdriver=foo"',
  ],
  'a pool of networks that are larger than it': [
    daemon('default-address-pools: [{base: 10.0.0.0/8, size: 4}]'),
    'dock0.yaml:1:68: docker.daemon.default-address-pools.0.size: expected the prefix of each network in 10.0.0.0/8, 8 to 32, found 4',
  ],
  'a pool that is none': [
    daemon('default-address-pools: [{base: 10.0.0.0, size: 24}]'),
    'dock0.yaml:1:50: docker.daemon.default-address-pools.0.base: expected a network such as 172.80.0.0/16, found "10.0.0.0"',
  ],
  'a name server of Docker by its name': [
    daemon('dns: [dns.example]'),
    'dock0.yaml:1:25: docker.daemon.dns.0: expected an address such as 192.0.2.53, found "dns.example"',
  ],
  'an unknown level of the log': [
    daemon('log-level: verbose'),
    'dock0.yaml:1:30: docker.daemon.log-level: expected trace, debug, info, warn, error, fatal, found "verbose"',
  ],
};

const inputs = (odd: boolean): BadInput[] =>
  Object.entries(INPUTS)
    .filter(([name]) => ODD.includes(name) === odd)
    .map(([name, [config, says]]) => ({ name, config, says }));

export const CASES: readonly BadInput[] = inputs(false);
export const WARNED: readonly BadInput[] = inputs(true);
