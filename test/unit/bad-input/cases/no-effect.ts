// biome-ignore-all lint/suspicious/noTemplateCurlyInString: references look like template placeholders
import type { BadInput } from '../table';

/** Keys that nothing reads in their configuration: a warning each. */
export const CASES: readonly BadInput[] = [
  {
    name: 'a firewall that keeps everybody out of an SSH server',
    config: 'packages: [openssh-server]\nfirewall: {allow: [80]}\n',
    says: 'dock0.yaml:2:12: firewall.allow: nobody can log in by SSH: add 22, or the port that a configuration of your own gives the server',
  },
  {
    name: 'a firewall that lets nothing in',
    config: 'packages: [openssh-server]\nfirewall: {}\n',
    says: 'dock0.yaml:2:1: firewall.allow: nobody can log in by SSH: add 22, or the port that a configuration of your own gives the server',
  },
  {
    name: 'a journal that is to be kept, without a volume for the state',
    config: 'state: {volume: none}\nlogs: {persistent: true}\n',
    says: 'dock0.yaml:2:20: logs.persistent: has no effect: no volume keeps the state of the machine',
  },
  {
    name: 'tidying up after a Docker that is disabled',
    config: 'docker: {enabled: false}\nprune: daily\n',
    says: 'dock0.yaml:2:8: prune: has no effect: docker.enabled is false',
  },
  {
    name: 'a Docker that is to wait for the time, and is disabled',
    config: 'docker: {enabled: false}\ntime: {wait: true}\n',
    says: 'dock0.yaml:2:14: time.wait: has no effect: docker.enabled is false',
  },
  {
    name: "consoles beside those of the kernel's own words",
    config: 'kernel: {cmdline: [quiet, console=ttyS1]}\nconsoles: [tty0]\n',
    says: 'dock0.yaml:2:1: consoles: has no effect: kernel.cmdline has console=',
  },
  {
    name: "a reboot after a crash beside the kernel's own word",
    config: 'kernel: {cmdline: [panic=-1]}\nsystem: {panic: 5}\n',
    says: 'dock0.yaml:2:17: system.panic: has no effect: kernel.cmdline has panic=',
  },
  {
    name: "a limit of the logs of containers, beside a log driver of Docker's own key",
    config: 'docker: {daemon: {log-driver: journald}}\nlogs: {containers: {size: 1M}}\n',
    says: 'dock0.yaml:2:8: logs.containers: has no effect: docker.daemon.log-driver is journald',
  },
  {
    name: 'paths that are to be kept, without a volume for the state',
    config: 'state: {volume: none, paths: [/srv/x]}\n',
    says: 'dock0.yaml:1:23: state.paths: has no effect: no volume keeps the state of the machine',
  },
  {
    name: 'files of an overlay below /run',
    config: 'overlay: files\n',
    files: { 'files/run/app/socket': '' },
    says: 'dock0.yaml:1:10: overlay.0: files/run/app/socket has no effect: the machine finds /run empty, or not at all',
  },
  {
    name: 'files of a template folder below /tmp',
    config: 'templates: files\n',
    files: { 'files/tmp/x': '' },
    says: 'dock0.yaml:1:12: templates.0: files/tmp/x has no effect: the machine finds /tmp empty, or not at all',
  },
  {
    name: 'files of an overlay below /var/run',
    config: 'overlay: files\n',
    files: { 'files/var/run/x': '' },
    says: 'dock0.yaml:1:10: overlay.0: files/var/run/x has no effect: the machine finds /var/run empty, or not at all',
  },
  {
    name: 'no network at all',
    config: 'network: {dhcp: false}\n',
    says: 'dock0.yaml:1:17: network.dhcp: the machine has no network: no file of an overlay, such as etc/systemd/network/10-lan.network, configures one',
  },
  {
    name: 'kernel options without a kernel from source',
    config: 'kernel: {options: {VETH: y}}\n',
    says: 'dock0.yaml:1:10: kernel.options: has no effect: kernel.provider is package, not source',
  },
  {
    name: 'a kernel package with a kernel of files',
    config: 'kernel: {provider: file, file: vmlinuz, package: linux-image-amd64}\n',
    files: { vmlinuz: '' },
    says: 'dock0.yaml:1:50: kernel.package: has no effect: kernel.provider is file, not package',
  },
  {
    name: 'a size of the root without an image',
    config: 'fs: {size: 8G}\n',
    says: 'dock0.yaml:1:12: fs.size: has no effect: fs.backend is overlay, which uses folders',
  },
  {
    name: 'a size of a disk image without one',
    config: 'install: {target: directory, size: 2G}\n',
    says: 'dock0.yaml:1:36: install.size: has no effect: install.target is directory, which has no disk image',
  },
  {
    name: 'a boot loader of a folder',
    config: 'install: {target: directory, loader: systemd-boot}\n',
    says: 'dock0.yaml:1:38: install.loader: has no effect: install.target is directory, which has no disk image',
  },
  {
    name: 'settings of Docker without Docker',
    config: 'docker: {enabled: false, daemon: {debug: true}}\n',
    says: 'dock0.yaml:1:26: docker.daemon: has no effect: docker.enabled is false',
  },
  {
    name: 'pacman on Debian',
    config: 'distribution: debian\npacman: {sig_level: Required}\n',
    says: 'dock0.yaml:2:21: pacman.sig_level: has no effect: debian has no pacman',
  },
  {
    name: 'a release on Arch',
    config: 'distribution: arch\nrelease: rolling\n',
    says: 'dock0.yaml:2:10: release: has no effect: arch has no releases',
  },
  {
    name: 'a keymap on Debian',
    config: 'distribution: debian\nkeymap: de\n',
    says: 'dock0.yaml:2:9: keymap: has no effect: debian sets the keyboard by the package console-setup and the file /etc/default/keyboard',
  },
  {
    name: 'a network without commands',
    config: 'commands: {network: true}\n',
    says: 'dock0.yaml:1:21: commands.network: has no effect: there are no commands and no scripts',
  },
  {
    name: 'a mirror of kernel.org for another source',
    config: 'kernel: {provider: source, source: {debian: linux-source-6.1, mirror: "http://x"}}\n',
    says: 'dock0.yaml:1:71: kernel.source.mirror: has no effect: kernel.source has no version',
  },
  {
    name: 'a secret that nothing uses',
    config: 'secrets: {TOKEN: token}\n',
    files: { token: '' },
    says: 'dock0.yaml:1:18: secrets.TOKEN: has no effect: nothing refers to ${secret:TOKEN}',
  },
  {
    name: 'a word for other initramfs',
    config: 'kernel: {cmdline: [root=/dev/sda1]}\n',
    says: 'dock0.yaml:1:20: kernel.cmdline.0: "root=/dev/sda1" has no effect: the initramfs finds the root by install.label',
  },
  {
    name: "Docker's volume that may be missing",
    config: 'volumes: {docker: {label: docker, path: /var/lib/docker, options: [nofail]}}\n',
    says: "dock0.yaml:1:68: volumes.docker.options.0: without its disk the machine starts all the same, and Docker's data is in memory until it is off",
  },
  {
    name: 'nobody can log in',
    config: 'name: web\n',
    says: 'dock0.yaml:1:1: root: nobody can log in: ssh_keys is empty and the password is locked',
  },
  {
    name: 'images without Docker',
    config: 'docker: {enabled: false}\nimages: [nginx]\n',
    says: 'dock0.yaml:2:1: images: has no effect: docker.enabled is false',
  },
  {
    name: 'a folder of the root that a container writes to',
    config: "containers: {web: {image: nginx, volumes: ['/srv/web:/data']}}\n",
    says: 'dock0.yaml:1:44: containers.web.volumes.0: what the container writes to /srv/web is lost at each reboot: no volume holds it',
  },
  {
    name: 'secrets for a user whose number is not known',
    config: 'containers: {web: {image: nginx, user: www, secrets: {token: long-enough}}}\n',
    says: 'dock0.yaml:1:40: containers.web.user: expected a number to read the secrets by, found "www": they belong to root',
  },
  {
    name: 'a partition for no volume',
    config: 'install: {volumes: {dokcer: {size: rest}}}\n',
    says: 'dock0.yaml:1:21: install.volumes.dokcer: has no effect: there is no volume dokcer',
  },
  {
    name: 'a partition for a volume on a disk of its own',
    config:
      'volumes: {docker: {label: ~, device: /dev/vdb, path: /var/lib/docker}}\ninstall: {volumes: {docker: {size: rest}}}\n',
    says: 'dock0.yaml:2:21: install.volumes.docker: has no effect: volumes.docker says by more than a label where it is',
  },
  {
    name: 'a partition on a disk without partitions',
    config: 'install: {layout: filesystem, volumes: {docker: {size: rest}}}\n',
    says: 'dock0.yaml:1:41: install.volumes.docker: has no effect: install.layout is filesystem, which has no partitions',
  },
  {
    name: 'a partition without a disk image',
    config: 'install: {target: directory, volumes: {docker: {size: rest}}}\n',
    says: 'dock0.yaml:1:40: install.volumes.docker: has no effect: install.target is directory, which has no disk image',
  },
  {
    name: 'a layout of a disk where machines boot over the network',
    config: 'install: {target: netboot, layout: gpt}\n',
    says: 'dock0.yaml:1:36: install.layout: has no effect: install.target is netboot, which has no disk image',
  },
  {
    name: 'a partition where machines boot over the network',
    config: 'install: {target: netboot, volumes: {docker: {size: rest}}}\n',
    says: 'dock0.yaml:1:38: install.volumes.docker: has no effect: install.target is netboot, which has no disk image',
  },
  {
    name: 'tries of a release that a server chooses',
    config: 'install: {target: netboot, tries: 2}\n',
    says: 'dock0.yaml:1:35: install.tries: has no effect: install.target is netboot: the server chooses the release',
  },
  {
    name: 'a place of layers on a disk',
    config: 'install: {url: "http://192.0.2.1/"}\n',
    says: 'dock0.yaml:1:16: install.url: has no effect: install.target is image, not netboot',
  },
  {
    name: 'a user with nothing in it',
    config: 'users: {admin: }\n',
    says: 'dock0.yaml:1:14: users.admin: has no effect: null removes an entry, and no file below has one; write {} for one with defaults',
  },
  {
    name: 'a container with nothing in it',
    config: 'containers: {web: }\n',
    says: 'dock0.yaml:1:17: containers.web: has no effect: null removes an entry, and no file below has one',
  },
  {
    name: 'a volume with nothing in it',
    config: 'volumes: {docker: {label: docker, path: /var/lib/docker}, data: ~}\n',
    says: 'dock0.yaml:1:65: volumes.data: has no effect: null removes an entry, and no file below has one',
  },
  {
    name: 'an interface with nothing in it',
    config: 'network: {interfaces: {eth0: }}\n',
    says: 'dock0.yaml:1:28: network.interfaces.eth0: has no effect: null removes an entry, and no file below has one; write {} for one with defaults',
  },
  {
    name: 'a bridge with nothing in it',
    config: 'network: {interfaces: {br0: {bridge: }}}\n',
    says: 'dock0.yaml:1:36: network.interfaces.br0.bridge: has no effect: null removes an entry, and no file below has one; write {} for one with defaults',
  },
  {
    name: 'a variable with nothing in it',
    config: 'containers: {web: {image: nginx, environment: {TOKEN: }}}\n',
    says: "dock0.yaml:1:53: containers.web.environment.TOKEN: has no effect: null removes an entry, and no file below has one; write '' for an empty text",
  },
  {
    name: 'a secret with nothing in it',
    config: 'containers: {web: {image: nginx, secrets: {a: ~}}}\n',
    says: 'dock0.yaml:1:47: containers.web.secrets.a: has no effect: null removes an entry, and no file below has one',
  },
  {
    name: 'a key of the daemon that nobody knows',
    config: 'docker: {daemon: {nonsense-key: true}}\n',
    says: 'dock0.yaml:1:33: docker.daemon.nonsense-key: unknown key of daemon.json, with which dockerd does not start, unless its version has it',
  },
  {
    name: "Docker's unit disabled",
    config: 'units: {disable: [docker.service]}\n',
    says: 'dock0.yaml:1:19: units.disable.0: Docker is started by docker.service at boot; set docker.enabled to false for an image without Docker',
  },
  {
    name: 'the port of the SSH server for a container',
    config: "packages: [openssh-server]\ncontainers: {web: {image: nginx, ports: ['22:22']}}\n",
    says: 'dock0.yaml:2:42: containers.web.ports.0: openssh-server has port 22 of the machine, so the container does not start, unless a configuration of your own gives the server another',
  },
  {
    name: 'backports on Arch',
    config: 'distribution: arch\nbackports: true\n',
    says: "dock0.yaml:2:12: backports: has no effect: backports are Debian's, and the image is of arch",
  },
  {
    name: 'an engine of no Docker',
    config: 'docker: {enabled: false, engine: docker-ce}\n',
    says: 'dock0.yaml:1:34: docker.engine: has no effect: docker.enabled is false',
  },
  {
    name: 'an interface without an address, and no other',
    config: 'network: {dhcp: false, interfaces: {eth0: {}}}\n',
    says: 'dock0.yaml:1:24: network.interfaces: the machine gets no address: none of them has `addresses` or `dhcp: true`, and network.dhcp is false',
  },
  {
    name: 'a bridge without an address, and no other interface',
    config: 'network: {dhcp: false, interfaces: {br0: {bridge: {}}}}\n',
    says: 'dock0.yaml:1:24: network.interfaces: the machine gets no address: none of them has `addresses` or `dhcp: true`, and network.dhcp is false',
  },
  {
    name: 'a file of an overlay on a volume',
    config: 'overlay: files\n',
    files: { 'files/var/lib/docker/seed/x': '' },
    says: 'dock0.yaml:1:10: overlay.0: files/var/lib/docker/seed/x has no effect: the machine has the volume docker on /var/lib/docker, which hides what the image has there',
  },
  {
    name: 'a mode of a path on a volume',
    config: "permissions: {/var/lib/docker/seed: {mode: '0700'}}\n",
    says: 'dock0.yaml:1:15: permissions./var/lib/docker/seed: has no effect: the machine has the volume docker on /var/lib/docker, which hides what the image has there',
  },
  {
    name: "settings of Docker beside a file of one's own",
    config: 'overlay: files\ndocker: {daemon: {debug: true}}\n',
    files: { 'files/etc/docker/daemon.json': '{}' },
    says: 'dock0.yaml:2:10: docker.daemon: has no effect: files/etc/docker/daemon.json replaces the file that is written for it',
  },
  {
    name: "a locale beside a file of one's own",
    config: 'overlay: files\nlocale: C\n',
    files: { 'files/etc/locale.conf': 'LANG=C.UTF-8\n' },
    says: 'dock0.yaml:2:9: locale: has no effect: files/etc/locale.conf replaces the file that is written for it',
  },
  {
    name: "a locale beside a template of one's own",
    config: 'templates: files\nlocale: C\n',
    files: { 'files/etc/locale.conf.ejs': 'LANG=<%= vars.locale_of_mine %>\n' },
    says: 'dock0.yaml:2:9: locale: has no effect: files/etc/locale.conf.ejs replaces the file that is written for it',
  },
  {
    name: "settings of Docker beside a template of one's own without an extension",
    config: 'templates: files\ndocker: {daemon: {debug: true}}\n',
    files: { 'files/etc/docker/daemon.json': '{"data-root": "/var/lib/docker"}' },
    says: 'dock0.yaml:2:10: docker.daemon: has no effect: files/etc/docker/daemon.json replaces the file that is written for it',
  },
  {
    name: 'the port of the SSH server for a service of Compose',
    config: 'packages: [openssh-server, docker-compose]\ncompose: compose.yaml\n',
    files: { 'compose.yaml': 'services: {git: {image: git, restart: always, ports: ["22:2222"]}}\n' },
    says: 'dock0.yaml:2:10: compose: compose.yaml:1:55: services.git.ports.0: openssh-server has port 22 of the machine, so the container does not start, unless a configuration of your own gives the server another',
  },
  {
    name: 'a key of the daemon with nothing in it',
    config: 'docker: {daemon: {mtu: }}\n',
    says: 'dock0.yaml:1:22: docker.daemon.mtu: has no effect: null removes an entry, and no file below has one',
  },
  {
    name: 'a key in a map of the daemon with nothing in it',
    config: 'docker:\n  daemon:\n    log-opts:\n      max-size:\n',
    says: 'dock0.yaml:4:15: docker.daemon.log-opts.max-size: has no effect: null removes an entry, and no file below has one',
  },
  {
    name: 'a path that is kept, and that nothing leaves out',
    config: "exclude: ['/usr/share/doc', '!/usr/share/documents/x', '!/usr/share/man/*']\n",
    says: 'dock0.yaml:1:29: exclude.1: "!/usr/share/documents/x" has no effect: no pattern in front of it leaves out anything of that; the last one that matches a path counts',
  },
  {
    name: 'a path that is kept in front of what leaves it out',
    config: "exclude: ['!/usr/share/doc/x', '/usr/share/doc/*']\n",
    says: 'dock0.yaml:1:11: exclude.0: "!/usr/share/doc/x" has no effect: no pattern in front of it leaves out anything of that; the last one that matches a path counts',
  },
  {
    name: 'a variable with nothing in it that a template prints',
    config: 'templates: files\nvars: {proxy: }\n',
    files: { 'files/etc/x.ejs': 'a\nproxy=<%= vars.proxy %>\n' },
    says: 'dock0.yaml:1:12: templates.0: files/etc/x.ejs:2: vars.proxy is not set, so there is nothing to print',
  },
  {
    name: 'a misspelt variable that a template prints',
    config: 'templates: files\nvars: {colour: red}\n',
    files: { 'files/etc/x': '<%= vars.coluor %>\n' },
    says: 'dock0.yaml:1:12: templates.0: files/etc/x:1: vars.coluor is not set, so there is nothing to print; did you mean vars.colour?',
  },
];
