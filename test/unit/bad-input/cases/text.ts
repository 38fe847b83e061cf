// biome-ignore-all lint/suspicious/noTemplateCurlyInString: references look like template placeholders
import type { BadInput } from '../table';

/** What is no YAML, no UTF-8 or no reference. */
export const CASES: readonly BadInput[] = [
  {
    name: 'a bracket that is never closed',
    config: 'packages: [htop, curl\nlocale: C\n',
    says: 'dock0.yaml:1:11: this [ is never closed\n    packages: [htop, curl\n              ^',
  },
  {
    name: 'a brace around an unclosed bracket',
    config: 'units: {enable: [docker.service}\n',
    says: 'dock0.yaml:1:17: this [ is never closed\n    units: {enable: [docker.service}\n                    ^',
  },
  {
    name: 'a quote that is never closed',
    config: 'name: "web\nlocale: C\n',
    says: 'dock0.yaml:1:7: this " is never closed\n    name: "web\n          ^',
  },
  {
    name: 'a tab as indentation',
    config: 'fs:\n\tsize: 1G\n',
    says: 'dock0.yaml:2:1: a tab in the indentation; YAML takes blanks only\n    \tsize: 1G\n    ^',
  },
  {
    name: 'a NUL',
    config: 'name: x\u0000\n',
    says: 'dock0.yaml:1:8: a character that no text has; is the file damaged, or no text at all?',
  },
  {
    name: 'two values on a line',
    config: 'name: a: b\n',
    says: 'dock0.yaml:1:8: bad indentation of a mapping entry\n    name: a: b\n           ^',
  },
  {
    name: 'keys at odd depths',
    config: 'fs:\n  size: 1G\n type: ext4\n',
    says: 'dock0.yaml:3:2: bad indentation of a mapping entry\n     type: ext4\n     ^',
  },
  {
    name: 'a duplicate key',
    config: 'name: a\nlocale: C\nname: b\n',
    says: 'dock0.yaml:3:1: name: duplicate key, first on line 1',
  },
  {
    name: 'two documents',
    config: 'name: a\n---\nname: b\n',
    says: 'dock0.yaml:3:1: expected one YAML document, found more',
  },
  {
    name: 'a list in place of the map',
    config: '- name\n',
    says: 'dock0.yaml:1:1: expected a map of keys, found a list',
  },
  {
    name: 'a text in place of the map',
    config: 'just words\n',
    says: 'dock0.yaml:1:1: expected a map of keys, found "just words"',
  },
  {
    name: 'an unknown anchor',
    config: 'name: *nobody\n',
    says: 'dock0.yaml:1:7: name: *nobody: no such anchor above',
  },
  {
    name: 'a list as a key',
    config: '? [a, b]\n: c\n',
    says: 'dock0.yaml:1:3: expected a string as key, found something else',
  },
  {
    name: 'an unknown tag',
    config: 'packages: !apend [htop]\n',
    says: 'dock0.yaml:1:18: packages: unknown tag !apend; lists may have !append',
  },
  {
    name: '!append on a map',
    config: 'volumes: !append {docker: {label: docker, path: /var/lib/docker}}\n',
    says: 'dock0.yaml:1:18: volumes: maps merge by themselves; leave !append out',
  },
  {
    name: 'a date tag',
    config: 'vars: {day: !!timestamp 2026-01-01}\n',
    says: 'dock0.yaml:1:13: unknown tag !!timestamp; values are texts, numbers, true, false and null\n    vars: {day: !!timestamp 2026-01-01}\n                ^',
  },
  {
    name: 'a merge of something that is no map',
    config: 'fs: {<<: 3}\n',
    says: 'dock0.yaml:1:10: fs.<<: expected a map or a list of maps to merge',
  },
  {
    name: 'a key of JavaScript objects',
    config: 'vars: {__proto__: {admin: true}}\n',
    says: 'dock0.yaml:1:8: vars.__proto__: a name that cannot be a key: JavaScript uses it itself',
  },
  {
    name: 'another one, deep in a free map',
    config: 'docker: {daemon: {log-opts: {constructor: x}}}\n',
    says: 'dock0.yaml:1:30: docker.daemon.log-opts.constructor: a name that cannot be a key: JavaScript uses it itself',
  },
  {
    name: 'a number that no double holds',
    config: 'vars: {id: 12345678901234567890}\n',
    says: 'dock0.yaml:1:12: vars.id: 12345678901234567890 would become 12345678901234567168: the number is too large; put it in quotes',
  },
  {
    name: 'a mode as a number',
    config: 'permissions: {/etc/x: {mode: 0644}}\n',
    says: 'dock0.yaml:1:30: permissions./etc/x.mode: 0644 would be the number 644; put it in quotes, or write 0o644 for an octal number',
  },
  {
    name: 'infinity',
    config: 'vars: {most: .inf}\n',
    says: 'dock0.yaml:1:14: vars.most: .inf is no number that can be used; put it in quotes',
  },
  {
    name: 'yes for true',
    config: 'network: {dhcp: yes}\n',
    says: 'dock0.yaml:1:17: network.dhcp: expected true or false, found "yes"; did you mean true?',
  },
  {
    name: 'a value that begins with a backtick',
    config: 'vars: {now: `date`}\n',
    says: 'dock0.yaml:1:13: missed comma between flow collection entries; a text that begins with ` has to be in quotes\n    vars: {now: `date`}\n                ^',
  },
  {
    name: 'too many levels',
    config:
      'vars: {a: [[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]}\n',
    says: 'dock0.yaml:1:109: more than 100 levels of brackets or indentation\n    [[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]]]]]]]]]]\n                                                     ^',
  },
  {
    name: 'aliases of aliases without end',
    config:
      'vars:\n  a: &a [x, x, x, x, x, x, x, x, x, x]\n  b: &b [*a, *a, *a, *a, *a, *a, *a, *a, *a, *a]\n  c: &c [*b, *b, *b, *b, *b, *b, *b, *b, *b, *b]\n  d: &d [*c, *c, *c, *c, *c, *c, *c, *c, *c, *c]\n  e: &e [*d, *d, *d, *d, *d, *d, *d, *d, *d, *d]\n  f: [*e, *e]\n',
    says: 'dock0.yaml:6:38: aliases stand for more than 100000 values',
  },
  {
    name: 'Latin-1',
    config: Buffer.from('# für uns\nname: web\n', 'latin1'),
    says: 'dock0.yaml:1:4: the byte 0xfc is not UTF-8; save the file as UTF-8 (`iconv -f latin1 -t utf8` converts Latin-1)',
  },
  {
    name: 'UTF-16',
    config: Buffer.from('\uFEFFname: web\n', 'utf16le'),
    says: 'dock0.yaml:1:1: the file is UTF-16; save it as UTF-8',
  },
  {
    name: 'a list of packages in Latin-1',
    config: 'packages: list\n',
    files: { list: Buffer.from('htop\n# größer\n', 'latin1') },
    says: 'list:2:5: packages: the byte 0xf6 is not UTF-8; save the file as UTF-8 (`iconv -f latin1 -t utf8` converts Latin-1)',
  },
  {
    name: 'a reference without an end',
    config: 'hostname: "${name"\n',
    says: 'dock0.yaml:1:11: hostname: ${ without }; write $${ for a literal ${',
  },
  {
    name: 'a reference to no key',
    config: 'hostname: "${nmae}"\n',
    says: 'dock0.yaml:1:11: hostname: ${nmae}: no such key; did you mean ${name}?',
  },
  {
    name: 'a reference to itself',
    config: 'hostname: "${hostname}"\n',
    says: 'dock0.yaml:1:11: hostname: refers to itself: hostname -> hostname',
  },
  {
    name: 'a variable that is not set',
    config: 'vars: {a: "${env:HOEM}"}\n',
    says: 'dock0.yaml:1:11: vars.a: ${env:HOEM}: HOEM is not set in the environment; did you mean HOME?',
  },
  {
    name: 'a secret that is not set',
    config: 'vars: {a: "${secret:TOKEN}"}\n',
    says: 'dock0.yaml:1:11: vars.a: ${secret:TOKEN}: TOKEN is not set in the environment, and `secrets` names no file for it',
  },
  {
    name: 'a secret in a command line',
    config: 'commands: {chroot: ["echo ${secret:TOKEN}"]}\n',
    says: 'dock0.yaml:1:21: commands.chroot.0: ${secret:TOKEN}: a command line would expose the secret; use it in a template or a script',
  },
  {
    name: 'an include of a missing file',
    config: 'include: nothing.yaml\n',
    says: 'dock0.yaml:1:10: include: expected a file, found "nothing.yaml": no such file or folder',
  },
  {
    name: 'an include of itself',
    config: 'include: dock0.yaml\n',
    says: 'dock0.yaml:1:10: include: includes itself: dock0.yaml -> dock0.yaml',
  },
  {
    name: 'an include of a folder',
    config: 'include: sub\n',
    files: { 'sub/x': '' },
    says: 'dock0.yaml:1:10: include: expected a file, found "sub": it is a folder',
  },
  {
    name: 'an include that is misspelt',
    config: 'include: defualt\n',
    says: 'dock0.yaml:1:10: include: expected a file, found "defualt": no such file or folder; did you mean "default"?',
  },
];
