import type { BadInput } from '../table';

/** Public keys, and what is none. */
export const CASES: readonly BadInput[] = [
  {
    name: 'a key that is no base64',
    config: 'root: {ssh_keys: ["ssh-ed25519 AAAAnope me"]}\n',
    says: 'dock0.yaml:1:19: root.ssh_keys.0: the key is cut off or damaged',
  },
  {
    name: 'a key without its data',
    config: 'root: {ssh_keys: ["ssh-ed25519 "]}\n',
    says: 'dock0.yaml:1:19: root.ssh_keys.0: there is no key after ssh-ed25519',
  },
  {
    name: 'a key that is cut off',
    config:
      'root: {ssh_keys: ["ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAINmnDD/LfjmvKFm6iTsH/dcI2F4cljSom5Z0DjRF me"]}\n',
    says: 'dock0.yaml:1:19: root.ssh_keys.0: the key is cut off or damaged',
  },
  {
    name: 'a key of another type than its line says',
    config:
      'root: {ssh_keys: ["ssh-rsa AAAAC3NzaC1lZDI1NTE5AAAAINmnDD/LfjmvKFm6iTsH/dcI2F4cljSom5Z0DjRFGmQu me"]}\n',
    says: 'dock0.yaml:1:19: root.ssh_keys.0: the line says ssh-rsa, the key in it is ssh-ed25519',
  },
  {
    name: 'a misspelt type',
    config:
      'root: {ssh_keys: ["ssh-ed25591 AAAAC3NzaC1lZDI1NTE5AAAAINmnDD/LfjmvKFm6iTsH/dcI2F4cljSom5Z0DjRFGmQu me"]}\n',
    says: 'dock0.yaml:1:19: root.ssh_keys.0: expected a type of key such as ssh-ed25519; did you mean ssh-ed25519?',
  },
  {
    name: 'a type that sshd refuses',
    config: 'root: {ssh_keys: ["ssh-dss AAAAB3NzaC1kc3MAAAA= me"]}\n',
    says: 'dock0.yaml:1:19: root.ssh_keys.0: ssh-dss keys are not accepted by sshd any more: make one with `ssh-keygen -t ed25519`',
  },
  {
    name: 'several keys in one text',
    config:
      'root:\n  ssh_keys:\n    - |\n      ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAINmnDD/LfjmvKFm6iTsH/dcI2F4cljSom5Z0DjRFGmQu a\n      ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAINmnDD/LfjmvKFm6iTsH/dcI2F4cljSom5Z0DjRFGmQu b\n',
    says: 'dock0.yaml:4:1: root.ssh_keys.0: it has more than one line: make it a list with one key in each item',
  },
  {
    name: 'a private key',
    config:
      'root:\n  ssh_keys:\n    - |\n      -----BEGIN OPENSSH PRIVATE KEY-----\n      b3BlbnNzaC1rZXktdjEAAAAAsecret\n      -----END OPENSSH PRIVATE KEY-----\n',
    says: 'dock0.yaml:4:1: root.ssh_keys.0: it is a private key, which nobody else may have: name the public one (the file with .pub at its end), and replace this key if it was ever shared',
  },
  {
    name: 'a file with a private key',
    config: 'root: {ssh_keys: id_ed25519}\n',
    files: {
      id_ed25519:
        '-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXktdjEAAAAAsecret\n-----END OPENSSH PRIVATE KEY-----\n',
    },
    says: 'dock0.yaml:1:18: root.ssh_keys: expected a list of public keys, files or URLs, found "id_ed25519": it is a private key, which nobody else may have: name the public one (the file with .pub at its end), and replace this key if it was ever shared',
  },
  {
    name: 'options without a key',
    config: 'root: {ssh_keys: ["no-pty,from=\\"10.0.0.0/8\\" me"]}\n',
    says: 'dock0.yaml:1:19: root.ssh_keys.0: expected a type of key such as ssh-ed25519',
  },
  {
    name: 'a file with a line that is no key',
    config: 'root: {ssh_keys: keys}\n',
    files: {
      keys: '# mine\r\nssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAINmnDD/LfjmvKFm6iTsH/dcI2F4cljSom5Z0DjRFGmQu me\r\nhello\r\n',
    },
    says: 'keys:3:1: root.ssh_keys.1: expected a type of key such as ssh-ed25519',
  },
  {
    name: 'a file that is missing',
    config: 'root: {ssh_keys: [~/.ssh/nobody.pub]}\n',
    says: 'dock0.yaml:1:19: root.ssh_keys: expected a list of public keys, files or URLs, found "~/.ssh/nobody.pub": no such file or folder',
  },
  {
    name: 'a misspelt option of a key',
    config:
      "root: {ssh_keys: ['no-ptyy ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAINmnDD/LfjmvKFm6iTsH/dcI2F4cljSom5Z0DjRFGmQu']}\n",
    says: 'dock0.yaml:1:19: root.ssh_keys.0: unknown option no-ptyy in front of the key, which sshd then ignores; did you mean no-pty?',
  },
  {
    name: 'a misspelt option of a key with a value',
    config: `root: {ssh_keys: ['no-pty,form="10.0.0.0/8" ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAINmnDD/LfjmvKFm6iTsH/dcI2F4cljSom5Z0DjRFGmQu']}\n`,
    says: 'dock0.yaml:1:19: root.ssh_keys.0: unknown option form in front of the key, which sshd then ignores; did you mean from?',
  },
  {
    name: 'an option of a key without its value',
    config:
      "root: {ssh_keys: ['command ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAINmnDD/LfjmvKFm6iTsH/dcI2F4cljSom5Z0DjRFGmQu']}\n",
    says: 'dock0.yaml:1:19: root.ssh_keys.0: expected command="…" for the option command',
  },
  {
    name: 'a value of an option that has none',
    config: `root: {ssh_keys: ['restrict="x" ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAINmnDD/LfjmvKFm6iTsH/dcI2F4cljSom5Z0DjRFGmQu']}\n`,
    says: 'dock0.yaml:1:19: root.ssh_keys.0: expected no value for the option restrict',
  },
];
