import type { BadInput } from '../table';

/** What the machine does while it runs: swap, kernel settings, modules, consoles. */
export const CASES: readonly BadInput[] = [
  {
    name: 'a console that is a device',
    config: 'consoles: [/dev/ttyS0]\n',
    says: 'dock0.yaml:1:12: consoles.0: expected a console such as tty0 or ttyS0,115200, found "/dev/ttyS0"',
  },
  {
    name: 'a console with a blank',
    config: 'consoles: ["ttyS0 115200"]\n',
    says: 'dock0.yaml:1:12: consoles.0: expected a console such as tty0 or ttyS0,115200, found "ttyS0 115200"',
  },
  {
    name: 'a watchdog with a unit',
    config: 'system: {watchdog: 30s}\n',
    says: 'dock0.yaml:1:20: system.watchdog: expected off, or seconds, 10 to 3600, found "30s"',
  },
  {
    name: 'a watchdog that resets at once',
    config: 'system: {watchdog: 1}\n',
    says: 'dock0.yaml:1:20: system.watchdog: expected seconds, 10 to 3600, found the number 1',
  },
  {
    name: 'a time before a reboot that is negative',
    config: 'system: {panic: -1}\n',
    says: 'dock0.yaml:1:17: system.panic: expected seconds, 0 to 3600, found the number -1',
  },
  {
    name: 'a sysctl of one part',
    config: 'sysctl: {swappiness: 10}\n',
    says: 'dock0.yaml:1:10: sysctl.swappiness: expected a sysctl such as net.core.somaxconn, found "swappiness"',
  },
  {
    name: 'sysctls in a text',
    config: 'sysctl: net.ipv4.ip_forward=1\n',
    says: 'dock0.yaml:1:9: sysctl: expected a map of sysctls, found "net.ipv4.ip_forward=1"',
  },
  {
    name: 'a sysctl with a value of several lines',
    config: 'sysctl: {kernel.core_pattern: "core\\nx = 1"}\n',
    says: 'dock0.yaml:1:31: sysctl."kernel.core_pattern": expected a text of one line, found "core\\nx = 1"',
  },
  {
    name: 'a sysctl stated in both ways',
    config: 'sysctl:\n  net.ipv4.ip_forward: 1\n  net/ipv4/ip_forward: 0\n',
    says: 'dock0.yaml:3:24: sysctl.net/ipv4/ip_forward: expected each sysctl once: net.ipv4.ip_forward is the same one',
  },
  {
    name: 'the sysctl of a key of its own',
    config: 'sysctl: {kernel.panic: 5}\n',
    says: 'dock0.yaml:1:24: sysctl."kernel.panic": expected system.panic instead, which sets it from the start of the kernel',
  },
  {
    name: 'a module to load, with its parameters',
    config: 'modules: {load: ["kvm nested=1"]}\n',
    says: 'dock0.yaml:1:18: modules.load.0: expected a module name, found "kvm nested=1"',
  },
  {
    name: 'parameters of a module in one text',
    config: 'modules: {options: {kvm: "nested=1"}}\n',
    says: 'dock0.yaml:1:26: modules.options.kvm: expected a map of parameters, such as {nested: 1}, found "nested=1"',
  },
  {
    name: 'a parameter of a module with a blank',
    config: 'modules: {options: {kvm: {nested: "1 2"}}}\n',
    says: 'dock0.yaml:1:35: modules.options.kvm.nested: expected a text without blanks and quotes, found "1 2"',
  },
  {
    name: 'swap space of no kind',
    config: 'swap: {}\n',
    says: 'dock0.yaml:1:1: swap: expected exactly one of zram, file, found none of them',
  },
  {
    name: 'swap space of both kinds',
    config: 'swap: {zram: 50%, file: 1G, volume: docker}\n',
    says: 'dock0.yaml:1:25: swap.file: expected exactly one of zram, file, found zram and file; null removes what a lower file sets',
  },
  {
    name: 'swap space in memory, by its size',
    config: 'swap: {zram: 512M}\n',
    says: 'dock0.yaml:1:14: swap.zram: expected a share of the memory such as 50%, found "512M"',
  },
  {
    name: 'a swap file by its share',
    config: 'swap: {file: 50%, volume: docker}\n',
    says: 'dock0.yaml:1:14: swap.file: expected a size such as 512M or 4G, found "50%"',
  },
  {
    name: 'a swap file that is too small',
    config: 'swap: {file: 16K, volume: docker}\n',
    says: 'dock0.yaml:1:14: swap.file: expected at least 1M, found 16K',
  },
  {
    name: 'a swap file without a volume',
    config: 'swap: {file: 1G}\n',
    says: 'dock0.yaml:1:1: swap: expected volume, the one of `volumes` that holds the file, found none',
  },
  {
    name: 'a swap file on a volume that there is not',
    config: 'swap: {file: 1G, volume: dokcer}\n',
    says: 'dock0.yaml:1:26: swap.volume: expected one of `volumes` (docker), found "dokcer"; did you mean docker?',
  },
  {
    name: 'a swap file on btrfs',
    config:
      'swap: {file: 1G, volume: data}\nvolumes: {docker: {label: docker, path: /var/lib/docker}, data: {label: data, type: btrfs, path: /srv}}\n',
    says: 'dock0.yaml:1:26: swap.volume: expected a volume of type ext4 or xfs, found "data": it is btrfs',
  },
  {
    name: 'a swap file on a volume that is read-only',
    config:
      'swap: {file: 1G, volume: data}\nvolumes: {docker: {label: docker, path: /var/lib/docker}, data: {label: data, options: [ro], path: /srv}}\n',
    says: 'dock0.yaml:1:26: swap.volume: expected a volume that is written to, found "data": it is mounted ro',
  },
  {
    name: 'a volume of swap space in memory',
    config: 'swap: {zram: 50%, volume: docker}\n',
    says: 'dock0.yaml:1:27: swap.volume: expected only with file, found no file',
  },
  {
    name: 'a journal that is larger than the partition it is kept on',
    config:
      'logs: {persistent: true, size: 4G}\nvolumes: {docker: {label: docker, path: /var/lib/docker}, data: {label: data, path: /srv}}\nstate: {volume: data}\ninstall: {volumes: {data: {size: 512M}}}\n',
    says: 'dock0.yaml:1:32: logs.size: expected less than 512M, the size of install.volumes.data, found 4G',
  },
];
