import type { BadInput } from '../table';

/** Settings of the system: names, accounts, units, paths in the image. */
export const CASES: readonly BadInput[] = [
  {
    name: 'a URL of keys with a password',
    config: 'root: {ssh_keys: ["https://me:word@example.org/me.keys"]}\n',
    says: 'dock0.yaml:1:19: root.ssh_keys.0: expected a URL without a name and a password in it',
  },
  {
    name: 'a URL of keys that is none',
    config: 'root: {ssh_keys: ["https://:x/me.keys"]}\n',
    says: 'dock0.yaml:1:19: root.ssh_keys.0: expected a URL, found "https://:x/me.keys"',
  },
  {
    name: 'a host key that is a public one',
    config: 'state: {ssh_host_keys: ["ssh-ed25519 AAAA me"]}\n',
    says: "dock0.yaml:1:25: state.ssh_host_keys.0: expected a private key in OpenSSH's format, as `ssh-keygen -t ed25519` makes it",
  },
  {
    name: 'a time server with its protocol',
    config: 'time: {servers: ["ntp://10.0.0.1"]}\n',
    says: 'dock0.yaml:1:18: time.servers.0: expected a host name or an address, found "ntp://10.0.0.1"',
  },
  {
    name: 'a single time server that is no list',
    config: 'time: {servers: {host: ntp.example.org}}\n',
    says: 'dock0.yaml:1:8: time.servers: expected a list of host names or addresses, found a map',
  },
  {
    name: 'an epoch before 1970',
    config: 'epoch: -1\n',
    says: 'dock0.yaml:1:8: epoch: expected seconds since 1970, up to 4294967295 (2106), found the number -1',
  },
  {
    name: 'an epoch after 2106',
    config: 'epoch: 4294967296\n',
    says: 'dock0.yaml:1:8: epoch: expected seconds since 1970, up to 4294967295 (2106), found the number 4294967296',
  },
  {
    name: 'an epoch as a date',
    config: 'epoch: 2026-01-01\n',
    says: 'dock0.yaml:1:8: epoch: expected auto or seconds since 1970, up to 4294967295 (2106), found "2026-01-01"',
  },
  {
    name: 'a name with capital letters',
    config: 'name: Web\n',
    says: 'dock0.yaml:1:7: name: expected lower-case letters, digits and -, found "Web"',
  },
  {
    name: 'a name with a slash',
    config: 'name: ../web\n',
    says: 'dock0.yaml:1:7: name: expected lower-case letters, digits and -, found "../web"',
  },
  {
    name: 'a host name with an underscore',
    config: 'hostname: my_host\n',
    says: 'dock0.yaml:1:11: hostname: expected a host name of at most 64 letters, digits, - and dots, found "my_host"',
  },
  {
    name: 'a host name that ends in a hyphen',
    config: 'hostname: web-\n',
    says: 'dock0.yaml:1:11: hostname: expected a host name of at most 64 letters, digits, - and dots, found "web-"',
  },
  {
    name: 'a host name of 65 letters',
    config: 'hostname: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb\n',
    says: 'dock0.yaml:1:11: hostname: expected a host name of at most 64 letters, digits, - and dots, found "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"',
  },
  {
    name: 'a label of a host name of 64 letters',
    config: 'hostname: xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx.lan\n',
    says: 'dock0.yaml:1:11: hostname: expected a host name of at most 64 letters, digits, - and dots, found "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx.lan"',
  },
  {
    name: 'a locale with blanks',
    config: 'locale: de_DE UTF-8\n',
    says: 'dock0.yaml:1:9: locale: expected a locale such as C.UTF-8 or de_DE.UTF-8, found "de_DE UTF-8"',
  },
  {
    name: 'a locale as a language tag',
    config: 'locale: de-DE.UTF-8\n',
    says: 'dock0.yaml:1:9: locale: expected a locale such as C.UTF-8 or de_DE.UTF-8, found "de-DE.UTF-8"',
  },
  {
    name: 'an unknown time zone',
    config: 'timezone: Europe/Viena\n',
    says: 'dock0.yaml:1:11: timezone: expected a time zone such as Europe/Vienna, found "Europe/Viena"; did you mean Europe/Vienna?',
  },
  {
    name: 'a time zone by its city',
    config: 'timezone: Vienna\n',
    says: 'dock0.yaml:1:11: timezone: expected a time zone such as Europe/Vienna, found "Vienna"; did you mean Europe/Vienna?',
  },
  {
    name: 'a time zone in small letters',
    config: 'timezone: europe/vienna\n',
    says: 'dock0.yaml:1:11: timezone: expected a time zone such as Europe/Vienna, found "europe/vienna"; did you mean Europe/Vienna?',
  },
  {
    name: 'a password in clear',
    config: 'root: {password: hunter2}\n',
    says: 'dock0.yaml:1:18: root.password: expected locked or a crypt(3) hash, as `openssl passwd -6` prints, found something else',
  },
  {
    name: 'a password hash that is cut off',
    config: 'root: {password: "$6$salt$egUxKNxDs8kPfh8i"}\n',
    says: 'dock0.yaml:1:18: root.password: expected a whole SHA-512 hash; in a shell, $ has to be in single quotes',
  },
  {
    name: 'a password hash of no kind',
    config: 'root: {password: "$9$salt$egUxKNxDs8kPfh8i"}\n',
    says: 'dock0.yaml:1:18: root.password: expected a hash of a kind that crypt(3) has, such as $6$ or $y$',
  },
  {
    name: 'a password hash with a colon',
    config: 'root: {password: "$6$salt:x$abc"}\n',
    says: 'dock0.yaml:1:18: root.password: expected locked or a crypt(3) hash, as `openssl passwd -6` prints, found something else',
  },
  {
    name: 'a unit of no type',
    config: 'units: {enable: [docker.servcie]}\n',
    says: 'dock0.yaml:1:18: units.enable.0: expected a unit such as docker.service, found "docker.servcie"; did you mean docker.service?',
  },
  {
    name: 'a unit with a slash',
    config: 'units: {enable: [multi/user.target]}\n',
    says: 'dock0.yaml:1:18: units.enable.0: expected a unit such as docker.service, found "multi/user.target"',
  },
  {
    name: 'a unit in two lists',
    config: 'units: {enable: [cron.service], mask: [cron]}\n',
    says: 'dock0.yaml:1:40: units.mask.0: expected a unit in one list, found "cron" in units.enable too',
  },
  {
    name: 'a unit name without end',
    config:
      'units: {enable: [uuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuu.service]}\n',
    says: 'dock0.yaml:1:18: units.enable.0: expected a name of at most 255 letters, found 258',
  },
  {
    name: 'a mode that is not octal',
    config: 'permissions: {/etc/x: {mode: "0888"}}\n',
    says: 'dock0.yaml:1:30: permissions./etc/x.mode: expected an octal mode in quotes, such as \'0755\', found "0888"',
  },
  {
    name: 'an owner without a group',
    config: 'permissions: {/etc/x: {owner: root}}\n',
    says: 'dock0.yaml:1:31: permissions./etc/x.owner: expected user:group, names or numbers, found "root"',
  },
  {
    name: 'an owner out of range',
    config: 'permissions: {/etc/x: {owner: "4294967295:0"}}\n',
    says: 'dock0.yaml:1:31: permissions./etc/x.owner: expected an id of at most 4294967294, found 4294967295',
  },
  {
    name: 'a user name of 33 letters',
    config: 'permissions: {/etc/x: {owner: "uuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuu:root"}}\n',
    says: 'dock0.yaml:1:31: permissions./etc/x.owner: expected user:group, names or numbers, found "uuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuu:root"',
  },
  {
    name: 'permissions that say nothing',
    config: 'permissions: {/etc/x: {}}\n',
    says: 'dock0.yaml:1:15: permissions./etc/x: expected mode, owner or both, found neither',
  },
  {
    name: 'permissions of what is not kept',
    config: 'permissions: {/run/x: {mode: "0600"}}\n',
    says: 'dock0.yaml:1:15: permissions./run/x: has no effect: what is below /run is no part of the image',
  },
  {
    name: 'a relative path in the image',
    config: 'permissions: {etc/x: {mode: "0600"}}\n',
    says: 'dock0.yaml:1:15: permissions.etc/x: expected an absolute path in the image, found "etc/x"',
  },
  {
    name: 'a path that climbs',
    config: 'cleanup: {paths: [/../x]}\n',
    says: 'dock0.yaml:1:19: cleanup.paths.0: expected an absolute path in the image, found "/../x"',
  },
  {
    name: 'a path with a line break',
    config: 'cleanup: {paths: ["/etc/a\\nb"]}\n',
    says: 'dock0.yaml:1:19: cleanup.paths.0: expected an absolute path in the image, found "/etc/a\\nb"',
  },
  {
    name: 'a name of 256 bytes',
    config:
      'cleanup: {paths: [/etc/nnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnn]}\n',
    says: 'dock0.yaml:1:19: cleanup.paths.0: expected names of at most 255 bytes, found one of 256',
  },
  {
    name: 'a path of 4096 bytes',
    config:
      'cleanup: {paths: ["/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg"]}\n',
    says: 'dock0.yaml:1:19: cleanup.paths.0: expected a path of at most 4095 bytes, found one of 4096',
  },
  {
    name: 'a pattern with an open bracket',
    config: 'cleanup: {paths: ["/etc/[abc"]}\n',
    says: 'dock0.yaml:1:19: cleanup.paths.0: expected ] behind each [ (a [ itself is [[]), found "/etc/[abc"',
  },
  {
    name: 'a pattern with a range that goes down',
    config: 'cleanup: {paths: ["/etc/[z-a]x"]}\n',
    says: 'dock0.yaml:1:19: cleanup.paths.0: expected a range that goes up, not z-a, found "/etc/[z-a]x"',
  },
  {
    name: 'the removal of everything',
    config: 'cleanup: {paths: [/]}\n',
    says: 'dock0.yaml:1:19: cleanup.paths.0: expected a path below /, found "/": all of the image',
  },
  {
    name: 'the removal of what is not kept',
    config: 'cleanup: {paths: [/tmp/x]}\n',
    says: 'dock0.yaml:1:19: cleanup.paths.0: has no effect: what is below /tmp is no part of the image',
  },
  {
    name: 'a user to remove with capital letters',
    config: 'cleanup: {users: [Games]}\n',
    says: 'dock0.yaml:1:19: cleanup.users.0: expected a user name of at most 32 letters, found "Games"',
  },
  {
    name: 'a name that is no host name',
    config: 'name: web-\n',
    says: 'dock0.yaml:1:7: name: expected a host name of at most 64 letters, digits, - and dots, found "web-": it is the host name, too, without the key hostname',
  },
  {
    name: 'a time zone that is a folder of them',
    config: 'timezone: Europe\n',
    says: 'dock0.yaml:1:11: timezone: expected a time zone such as Europe/Vienna, found "Europe"',
  },
  {
    name: 'a time zone that is a folder of old ones',
    config: 'timezone: posix\n',
    says: 'dock0.yaml:1:11: timezone: expected a time zone such as Europe/Vienna, found "posix"',
  },
  {
    name: 'a time zone that is a list',
    config: 'timezone: leapseconds\n',
    says: 'dock0.yaml:1:11: timezone: expected a time zone such as Europe/Vienna, found "leapseconds"',
  },
];
