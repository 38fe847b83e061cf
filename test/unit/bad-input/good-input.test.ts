import { join } from 'node:path';
import { expect } from 'chai';
import { packageFolder } from '../../../lib/config/paths';
import { cleanUp, load, workspace } from '../config/workspace';

const KEY = 'AAAAC3NzaC1lZDI1NTE5AAAAINmnDD/LfjmvKFm6iTsH/dcI2F4cljSom5Z0DjRFGmQu';

/** What is like bad input, and right: each is read without a problem, and without a warning but that nobody can log in. */
const GOOD: readonly [name: string, config: string, files?: Record<string, string>][] = [
  [
    'a key with options and a comment',
    `root: {ssh_keys: ['from="10.0.0.0/8,::1",no-pty ssh-ed25519 ${KEY} me@host (work) #1']}\n`,
  ],
  ['a key without a comment', `root: {ssh_keys: ['ssh-ed25519 ${KEY}']}\n`],
  [
    'files with a byte order mark, CR LF and comments',
    'root: {ssh_keys: keys}\npackages: list\n',
    {
      keys: `\uFEFF# mine\r\nssh-ed25519 ${KEY} me\r\n\r\n`,
      list: '\uFEFFhtop # a monitor\r\n# none\r\n\r\ncurl\r\n',
    },
  ],
  ['a byte order mark and CR LF', '\uFEFFname: bom\r\nlocale: C\r\n'],
  ['an empty file', ''],
  ['comments only', '# nothing yet\n'],
  [
    'names of packages with signs',
    'distribution: debian\npackages: [g++, libstdc++6, htop=3.2.2-2, htop/bookworm, "libc6:amd64"]\n',
  ],
  [
    'groups and constraints of pacman',
    'distribution: arch\npackages: [base, core/linux, "docker>=25", lib32-glibc, ttf-dejavu]\n',
  ],
  [
    'patterns with brackets',
    'cleanup: {paths: ["/etc/[a-c]*", "/etc/[!a]x", "/etc/[]x]", "/etc/[[:digit:]]"]}\n',
  ],
  [
    'what is left out and kept again, and sets of letters',
    "timezone: Europe/Vienna\nexclude: ['/usr/share/zoneinfo/*', '!/usr/share/zoneinfo/Europe/*', '/usr/bin/docker[a-c]']\n",
  ],
  ['a locale that the C library has, without sources of others', "exclude: ['/usr/share/i18n/*']\n"],
  ['the longest host name', `hostname: ${'a'.repeat(32)}.${'b'.repeat(31)}\n`],
  [
    'labels as long as they may be',
    'volumes:\n  docker: {label: sixteen-letters-, path: /var/lib/docker}\n  data: {label: twelve-bytes, type: xfs, path: /srv}\n',
  ],
  [
    'a volume below a system folder',
    'volumes:\n  docker: {label: docker, path: /var/lib/docker}\n  data: {label: data, path: /usr/local}\n',
  ],
  [
    'a volume inside of another',
    'volumes:\n  docker: {label: docker, path: /var/lib/docker}\n  more: {label: more, path: /var/lib/docker/volumes}\n',
  ],
  [
    'options of file systems',
    'volumes: {docker: {label: docker, path: /var/lib/docker, options: [rw, noatime, "data=ordered", "commit=30"]}}\n',
  ],
  [
    'keys of daemon.json of each kind',
    'docker: {daemon: {debug: true, mtu: 1500, log-driver: local, log-opts: {max-size: "10"}, dns: [1.1.1.1], features: {buildkit: true}, default-ulimits: {nofile: {Name: nofile, Hard: 1, Soft: 1}}, default-address-pools: [{base: 10.0.0.0/8, size: 24}]}}\n',
  ],
  [
    'hosts of the daemon with a unit that has no flags',
    'docker: {daemon: {hosts: [fd://]}}\noverlay: files\n',
    { 'files/etc/systemd/system/docker.service.d/flags.conf': '[Service]\n' },
  ],
  [
    'options of keys in capitals, and with blanks and commas in them',
    `root: {ssh_keys: ['Restrict,pty,command="a, b \\"c\\"",environment="A=b" ssh-ed25519 ${KEY}']}\n`,
  ],
  [
    'excluded paths without a sign',
    'exclude: [/usr/share/doc, "!/usr/share/doc/htop", /usr/bin/ctr, "/usr/l[ab]x?"]\n',
  ],
  ['units that other things are done by', 'units: {disable: [containerd], mask: [getty@tty1]}\n'],
  [
    'modes of volumes, and ports on addresses',
    "containers: {web: {image: '[2001:db8::1]:5000/web:1', volumes: ['/srv:/x:ro,Z,rslave', 'data:/y:nocopy'], ports: ['[::1]:80:80', '[::2]:80:80']}}\n",
  ],
  ['an image of a registry with an address of IPv6', "images: ['[2001:db8::1]:5000/web:1']\n"],
  ['a time server with a dot at its end', 'time: {servers: [ntp.example.org.]}\n'],
  [
    'the own syntax of Compose',
    'compose: compose.yaml\npackages: [docker-compose]\n',
    {
      'compose.yaml':
        'services:\n  web:\n    image: nginx\n    ports: !reset []\n    labels: !override {a: b}\n    user: !reset null\n    configs: [{source: x, mode: 0440}]\n    restart: always\nconfigs: {x: {content: y}}\n',
    },
  ],
  [
    'ports of Compose that do not meet',
    "packages: [openssh-server, docker-compose]\ncompose: compose.yaml\ncontainers: {web: {image: nginx, ports: ['80:80']}}\n",
    {
      'compose.yaml':
        'services:\n  a: {image: a, restart: always, ports: ["80", 443, "80:80/udp", "8000-8010:80", "$PORT:80", {target: 80}, {target: 22, published: 22, host_ip: "::1", protocol: udp}]}\n  b: {image: b, restart: always, network_mode: host, ports: ["22:22"]}\n  c: {image: c, profiles: [debug], ports: ["80:80"]}\n  d: {image: d, restart: always, ports: ["9000:9", "9000:9"]}\n  e: {image: e, restart: always, scale: 2, ports: ["80", "7000-7001:80"]}\n',
    },
  ],
  [
    'sysctls that are near to others',
    'sysctl: {net.ipv6.ip_nonlocal_bind: 1, net.core.optmem_max: 65536, net.ipv4.conf.eth0.forwarding: 1, vm.dirty_bytes: 5, kernel.panic_on_oops: 1}\n',
  ],
  [
    'values of the daemon that it takes',
    'docker: {daemon: {log-level: trace, default-address-pools: [{base: 10.0.0.1/8, size: 24}], default-runtime: own, runtimes: {own: {path: /usr/bin/own}}, exec-opts: [native.cgroupdriver=cgroupfs], dns: ["2001:db8::53"], bip: 172.26.0.1/16}}\n',
  ],
  [
    'rules of nftables of your own beside the firewall',
    'firewall: {allow: [22]}\noverlay: files\nunits: {enable: [nftables]}\n',
    { 'files/etc/nftables.conf': 'table inet mine {}\n' },
  ],
  ['an old name of a time zone', 'timezone: US/Eastern\n'],
  ['a time zone with a sign', 'timezone: Etc/GMT+5\n'],
  ['a locale with a modifier', 'locale: de_DE.ISO-8859-15@euro\n'],
  ['the last second', 'epoch: 4294967295\n'],
  ['an octal number as YAML has it', 'vars: {mode: 0o644, zero: 0, small: 0.5}\n'],
  [
    'quotes in a word of the command line',
    `kernel: {cmdline: ['foo="a,b"']}\ninstall: {loader: systemd-boot}\n`,
  ],
  [
    'anchors and merge keys',
    'vars: {disk: &disk {type: xfs}}\nvolumes: {docker: {<<: *disk, label: docker, path: /var/lib/docker}}\n',
  ],
  [
    'yescrypt',
    'root: {password: "$y$j9T$F5Jx5fExrKuPp53xLKQ..1$X3DX6M94c7o.9agCG9G317fhZg9SqC.5i5rd.RhAtQ7"}\n',
  ],
  ['owners by number', 'permissions: {/etc/x: {owner: "4294967294:0"}}\n'],
  [
    "a network of one's own",
    'network: {dhcp: false}\noverlay: files\n',
    { 'files/etc/systemd/network/10-lan.network': '' },
  ],
  ['a port that everybody may reach', 'firewall: {allow: [{port: 22, from: ~}]}\n'],
  ['a name that is not the host name', 'name: web-\nhostname: web\n'],
  ['a null that keeps out what a merge key brings', 'users: {<<: {ada: {}}, ada: ~}\n'],
  ['no default volume', 'docker: {enabled: false}\nvolumes: {docker: ~}\n'],
  [
    'templates that read the keys whose files they replace',
    'templates: files\nlocale: C\ntimezone: Europe/Vienna\ndocker: {daemon: {debug: true}}\n',
    {
      'files/etc/locale.conf.ejs': 'LANG=<%= locale %>\n',
      'files/etc/docker/daemon.json': '<%- JSON.stringify(config.docker.daemon) %>',
      'files/etc/docker/daemon.json.md.ejs': '<%# nothing %>',
    },
  ],
  [
    'templates with much in them',
    'templates: files\n',
    {
      'files/etc/a.ejs':
        '<%# a { %>\n<% if (vars.x) { %>\nx <%% y %%>\n<% } -%>\n<%_ for (const each of packages) { _%>\n<%= each %>\n<% } // done %>',
      'files/.include/notes.txt': 'tags begin with <%',
      'files/etc/c.sh': '%> $x\n',
    },
  ],
  [
    'paths that are kept of what is left out, wherever the signs are',
    "exclude: ['/usr/share/locale/*', '!/usr/share/locale/de/LC_MESSAGES/a.mo', '!/usr/share/*/x', '/usr/lib/x/y', '!/usr/lib/x', '/srv/*/a', '!/srv/web/a', '/opt/[ab]', '!/opt/a/b']\n",
  ],
  [
    'templates that ask for a variable before they print it',
    'templates: files\nvars: {a: {b: [1]}}\n',
    {
      'files/etc/x': '<% if (vars.proxy) { %><%= vars.proxy %><% } %>',
      'files/etc/y': '<%= vars.proxy ?? "" %><%= vars.a.b %><%= vars.a.b.length %><%- vars.none %>',
    },
  ],
  ['variables of your own that are there, with nothing in them', 'vars: {proxy: , list: [~], map: {a: ~}}\n'],
  ['a default in a map of a list', 'state: {paths: [{path: /srv/x, mode: ~}]}\n'],
  [
    'the last address of a network of two machines, as a gateway, and a name server of the machine itself',
    'network: {interfaces: {eth0: {addresses: [192.0.2.0/31], gateway: 192.0.2.1, dns: 127.0.0.1, mtu: 9000}}}\n',
  ],
];

describe('good input', () => {
  afterEach(cleanUp);

  for (const [name, config, files = {}] of GOOD)
    it(name, () => {
      const { warnings } = load({ 'dock0.yaml': config, ...files });
      expect(warnings.filter((line) => !line.includes('nobody can log in'))).to.deep.equal([]);
    });

  it('of the stacks that come with this package gives no warning', () => {
    const configs = (...names: string[]): string[] =>
      names.map((name) => join(packageFolder(), 'configs', `${name}.yaml`));
    for (const stack of [['default'], ['dock0'], ['arch'], ['arch', 'own-kernel'], ['default', 'slim']]) {
      const { warnings } = load({}, { cwd: workspace(), files: configs(...stack) });
      expect(
        warnings.filter((line) => !line.includes('nobody can log in')),
        stack.join(', '),
      ).to.deep.equal([]);
    }
  });

  it('of a lower file can be removed by null, a firewall too', () => {
    const low =
      'firewall: {allow: [22]}\nusers: {ada: {}}\nnetwork: {interfaces: {br0: {bridge: {}}, eth0: {}}}\n';
    const high =
      'include: low.yaml\nfirewall: ~\nusers: {ada: ~}\nnetwork: {interfaces: {br0: {bridge: ~}, eth0: ~}}\n';
    const { base, warnings } = load({ 'low.yaml': low, 'dock0.yaml': high });
    expect(base).not.to.have.property('firewall');
    expect(base.users).to.deep.equal({});
    expect(warnings.filter((line) => line.includes('null removes'))).to.deep.equal([]);
  });

  it('of a host is removed by a flag, without a word about what is shared', () => {
    const files = { 'dock0.yaml': '', 'hosts/web.yaml': 'firewall: {allow: [22]}\nusers: {ada: {}}\n' };
    const { hosts, warnings } = load(files, { hosts: ['web'], set: ['firewall=~', 'users.ada=~'] });
    expect(hosts[0]?.config).not.to.have.property('firewall');
    expect(warnings.filter((line) => line.includes('null removes'))).to.deep.equal([]);
  });

  it('of a lower file may be of no use higher up, without a word', () => {
    const files = {
      'low.yaml': 'kernel: {package: linux-image-amd64, provider: package}\nfs: {backend: image, size: 8G}\n',
      'dock0.yaml':
        'include: low.yaml\nkernel: {provider: source, source: {debian: linux-source-6.1}}\nfs: {backend: overlay}\n',
    };
    const noEffect = (all: Record<string, string>): string[] =>
      load(all).warnings.filter((line) => line.includes('has no effect'));
    expect(noEffect(files)).to.deep.equal([]);
    const higher = `${files['dock0.yaml'].replace('{backend: overlay}', '{backend: overlay, size: 9G}')}`;
    expect(noEffect({ ...files, 'dock0.yaml': higher })).to.deep.equal([
      'dock0.yaml:3:30: fs.size: has no effect: fs.backend is overlay, which uses folders',
    ]);
  });
});
