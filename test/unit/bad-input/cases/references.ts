// biome-ignore-all lint/suspicious/noTemplateCurlyInString: references look like template placeholders
import type { BadInput } from '../table';

/** References, and the numbers that they insert. */
export const CASES: readonly BadInput[] = [
  {
    name: 'a misspelt key in a map that a reference brings',
    config: "squash: '${vars.s}'\nvars: {s: {levle: 19}}\n",
    says: 'dock0.yaml:2:12: squash.levle: unknown key; did you mean squash.level?',
  },
  {
    name: 'a misspelt key of a user that a reference brings',
    config: "users: {admin: '${vars.s}'}\nvars: {s: {shel: /bin/sh}}\n",
    says: 'dock0.yaml:2:12: users.admin.shel: unknown key; did you mean users.admin.shell?',
  },
  {
    name: 'a misspelt key of a firewall that a reference brings',
    config: "firewall: '${vars.s}'\nvars: {s: {alow: []}}\n",
    says: 'dock0.yaml:2:12: firewall.alow: unknown key; did you mean firewall.allow?',
  },
  {
    name: 'a misspelt key of a volume that a reference brings',
    config: "volumes: {docker: '${vars.s}'}\nvars: {s: {label: docker, path: /var/lib/docker, typ: xfs}}\n",
    says: 'dock0.yaml:2:50: volumes.docker.typ: unknown key; did you mean volumes.docker.type?',
  },
  {
    name: 'a missing folder in a list that a reference brings',
    config: "overlay: '${vars.o}'\nvars: {o: [nope]}\n",
    says: 'dock0.yaml:2:12: overlay.0: expected a folder, found "nope": no such file or folder',
  },
  {
    name: 'a missing kernel in a map that a reference brings',
    config: "kernel: '${vars.k}'\nvars: {k: {provider: file, file: nope}}\n",
    says: 'dock0.yaml:2:34: kernel.file: expected a kernel image, found "nope": no such file or folder',
  },
  {
    name: 'a default that does not fit where a reference brings it',
    config: "root: '${state}'\nstate: {volume: none}\n",
    says: 'dock0.yaml:2:9: root.volume: unknown key; known here: password, ssh_keys',
  },
  {
    name: 'a reference that fails, and one to it',
    config: "squash: '${install}'\ninstall: '${squash}'\n",
    says: 'dock0.yaml:2:10: install: refers to itself: squash -> install -> squash',
  },
  {
    name: 'a version that YAML takes for a number, in a text',
    config: "vars: {v: 1.10}\ncontainers: {web: {image: 'nginx:${vars.v}'}}\n",
    says: 'dock0.yaml:1:11: containers.web.image: 1.10 would become the text 1.1; put it in quotes',
  },
  {
    name: 'a number of two references, in a text',
    config: "vars: {v: 7e10, w: '${vars.v}'}\nhostname: 'h-${vars.w}'\n",
    says: 'dock0.yaml:1:11: hostname: 7e10 would become the text 70000000000; put it in quotes',
  },
  {
    name: 'a hexadecimal number as a variable of a container',
    config: 'containers: {web: {image: nginx, environment: {A: 0x1F}}}\n',
    says: 'dock0.yaml:1:51: containers.web.environment.A: 0x1F would become the text 31; put it in quotes',
  },
  {
    name: 'a number with a sign that a reference brings to a container',
    config: "containers: {web: {image: nginx, environment: '${vars.e}'}}\nvars: {e: {A: +1}}\n",
    says: 'dock0.yaml:2:15: containers.web.environment.A: +1 would become the text 1; put it in quotes',
  },
  {
    name: 'a truth with a capital as a variable of a container',
    config: 'containers: {web: {image: nginx, environment: {A: True}}}\n',
    says: 'dock0.yaml:1:51: containers.web.environment.A: True would become the text true; put it in quotes',
  },
  {
    name: 'a misspelt reference in a default',
    config: "hostname: '${env:NAME:-h-${nmae}}'\n",
    says: 'dock0.yaml:1:11: hostname: ${nmae}: no such key; did you mean ${name}?',
  },
  {
    name: 'a reference in a default that is never closed',
    config: "hostname: '${env:NAME:-h-${name}'\n",
    says: 'dock0.yaml:1:11: hostname: ${ without }; write $${ for a literal ${',
  },
  {
    name: 'a reference to a key without a value',
    config: "hostname: 'h-${keymap}'\n",
    says: 'dock0.yaml:1:11: hostname: ${keymap}: the key has no value; set keymap',
  },
  {
    name: 'a reference to a key in a map without a value',
    config: "hostname: 'h-${kernel.file}'\n",
    says: 'dock0.yaml:1:11: hostname: ${kernel.file}: the key has no value; set kernel.file',
  },
  {
    name: 'a reference to a user that there is not',
    config: "hostname: 'h-${users.adam.uid}'\nusers: {ada: {}}\n",
    says: 'dock0.yaml:1:11: hostname: ${users.adam.uid}: no such key; write $${users.adam.uid} for the literal text',
  },
];
