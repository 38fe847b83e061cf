import type { BadInput } from '../table';

/** The kernel, its options and its command line. */
export const CASES: readonly BadInput[] = [
  {
    name: 'no source',
    config: 'kernel: {provider: source}\n',
    says: 'dock0.yaml:1:1: kernel.source: expected exactly one of version, url, file, directory, debian, found none of them',
  },
  {
    name: 'two sources',
    config: 'kernel: {provider: source, source: {version: longterm, debian: linux-source-6.1}}\n',
    says: 'dock0.yaml:1:64: kernel.source.debian: expected exactly one of version, url, file, directory, debian, found version and debian; null removes what a lower file sets',
  },
  {
    name: 'a version as a number',
    config: 'kernel: {provider: source, source: {version: 6.10}}\n',
    says: 'dock0.yaml:1:46: kernel.source.version: expected a version such as "6.12.3" (in quotes), stable, longterm or mainline, found the number 6.1',
  },
  {
    name: 'a checksum for a folder',
    config:
      'kernel: {provider: source, source: {directory: linux, sha256: abababababababababababababababababababababababababababababababab}}\n',
    files: { 'linux/Makefile': '' },
    says: 'dock0.yaml:1:63: kernel.source.sha256: expected only with version, url or file, found directory: a folder has neither checksum nor signature',
  },
  {
    name: 'a signature without keys',
    config: 'kernel: {provider: source, source: {url: "http://x/l.tar.xz", signature: "http://x/l.sign"}}\n',
    says: 'dock0.yaml:1:28: kernel.source.keys: expected the keys to check the signature with, found none',
  },
  {
    name: 'no image',
    config: 'kernel: {provider: file}\n',
    says: 'dock0.yaml:1:1: kernel.file: expected a kernel image, found nothing: provider file needs one',
  },
  {
    name: 'a misspelt fragment',
    config: 'kernel: {provider: source, source: {debian: linux-source-6.1}, fragments: [dokcer]}\n',
    says: 'dock0.yaml:1:76: kernel.fragments.0: expected a fragment, found "dokcer": no such file or folder; did you mean "docker"?',
  },
  {
    name: 'yes for y',
    config: 'kernel: {provider: source, source: {debian: linux-source-6.1}, options: {VETH: yes}}\n',
    says: 'dock0.yaml:1:80: kernel.options.VETH: expected y, m, n or a string, found "yes"; did you mean y?',
  },
  {
    name: 'true for y',
    config: 'kernel: {provider: source, source: {debian: linux-source-6.1}, options: {VETH: true}}\n',
    says: 'dock0.yaml:1:80: kernel.options.VETH: expected y, m, n, a string or a whole number, found true; did you mean y?',
  },
  {
    name: 'one option twice',
    config:
      'kernel: {provider: source, source: {debian: linux-source-6.1}, options: {VETH: y, CONFIG_VETH: n}}\n',
    says: 'dock0.yaml:1:96: kernel.options.CONFIG_VETH: expected each option once: VETH is the same one',
  },
  {
    name: 'a suffix of 41 letters',
    config:
      'kernel: {provider: source, source: {debian: linux-source-6.1}, revision: -xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx}\n',
    says: 'dock0.yaml:1:74: kernel.revision: expected at most 40 letters, digits, ., _, + and -, found "-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"',
  },
  {
    name: 'a launcher with arguments',
    config: 'kernel: {provider: source, source: {debian: linux-source-6.1}, make: {launcher: ccache gcc}}\n',
    says: 'dock0.yaml:1:81: kernel.make.launcher: expected auto, none or a command, found "ccache gcc"',
  },
  {
    name: 'a command line as one text',
    config: 'kernel: {cmdline: "quiet splash"}\n',
    says: 'dock0.yaml:1:19: kernel.cmdline: expected a list of words, found "quiet splash"',
  },
  {
    name: 'a word with a blank',
    config: 'kernel: {cmdline: ["quiet splash"]}\n',
    says: 'dock0.yaml:1:20: kernel.cmdline.0: expected a word of visible ASCII letters, without blanks, found "quiet splash"',
  },
  {
    name: 'a word with an open quote',
    config: 'kernel: {cmdline: ["foo=\\"bar"]}\n',
    says: 'dock0.yaml:1:20: kernel.cmdline.0: expected as many opening quotes as closing ones, found "foo=\\"bar": all words behind it would be part of it',
  },
  {
    name: 'a word that is not ASCII',
    config: 'kernel: {cmdline: ["name=größe"]}\n',
    says: 'dock0.yaml:1:20: kernel.cmdline.0: expected a word of visible ASCII letters, without blanks, found "name=größe"',
  },
  {
    name: 'two hyphens as a word',
    config: 'kernel: {cmdline: [quiet, --]}\n',
    says: 'dock0.yaml:1:27: kernel.cmdline.1: expected a word, found "--": init would get all words behind it',
  },
  {
    name: 'a word that the build adds',
    config: 'kernel: {cmdline: ["dock0.root=LABEL=x"]}\n',
    says: 'dock0.yaml:1:20: kernel.cmdline.0: expected no dock0.root: install.label sets it',
  },
  {
    name: 'a word for a volume',
    config: 'kernel: {cmdline: ["dock0.volume.docker=none"]}\n',
    says: 'dock0.yaml:1:20: kernel.cmdline.0: expected no dock0.volume.docker: the build adds it for each of `volumes`',
  },
  {
    name: 'a misspelt word of ours',
    config: 'kernel: {cmdline: ["dock0.debgu"]}\n',
    says: 'dock0.yaml:1:20: kernel.cmdline.0: expected a word that the initramfs knows, found "dock0.debgu"; did you mean dock0.debug?',
  },
  {
    name: 'a command line that is too long',
    config:
      'kernel: {cmdline: [word000=xxxxxxxxxxxxxxxxxxxx, word001=xxxxxxxxxxxxxxxxxxxx, word002=xxxxxxxxxxxxxxxxxxxx, word003=xxxxxxxxxxxxxxxxxxxx, word004=xxxxxxxxxxxxxxxxxxxx, word005=xxxxxxxxxxxxxxxxxxxx, word006=xxxxxxxxxxxxxxxxxxxx, word007=xxxxxxxxxxxxxxxxxxxx, word008=xxxxxxxxxxxxxxxxxxxx, word009=xxxxxxxxxxxxxxxxxxxx, word010=xxxxxxxxxxxxxxxxxxxx, word011=xxxxxxxxxxxxxxxxxxxx, word012=xxxxxxxxxxxxxxxxxxxx, word013=xxxxxxxxxxxxxxxxxxxx, word014=xxxxxxxxxxxxxxxxxxxx, word015=xxxxxxxxxxxxxxxxxxxx, word016=xxxxxxxxxxxxxxxxxxxx, word017=xxxxxxxxxxxxxxxxxxxx, word018=xxxxxxxxxxxxxxxxxxxx, word019=xxxxxxxxxxxxxxxxxxxx, word020=xxxxxxxxxxxxxxxxxxxx, word021=xxxxxxxxxxxxxxxxxxxx, word022=xxxxxxxxxxxxxxxxxxxx, word023=xxxxxxxxxxxxxxxxxxxx, word024=xxxxxxxxxxxxxxxxxxxx, word025=xxxxxxxxxxxxxxxxxxxx, word026=xxxxxxxxxxxxxxxxxxxx, word027=xxxxxxxxxxxxxxxxxxxx, word028=xxxxxxxxxxxxxxxxxxxx, word029=xxxxxxxxxxxxxxxxxxxx, word030=xxxxxxxxxxxxxxxxxxxx, word031=xxxxxxxxxxxxxxxxxxxx, word032=xxxxxxxxxxxxxxxxxxxx, word033=xxxxxxxxxxxxxxxxxxxx, word034=xxxxxxxxxxxxxxxxxxxx, word035=xxxxxxxxxxxxxxxxxxxx, word036=xxxxxxxxxxxxxxxxxxxx, word037=xxxxxxxxxxxxxxxxxxxx, word038=xxxxxxxxxxxxxxxxxxxx, word039=xxxxxxxxxxxxxxxxxxxx, word040=xxxxxxxxxxxxxxxxxxxx, word041=xxxxxxxxxxxxxxxxxxxx, word042=xxxxxxxxxxxxxxxxxxxx, word043=xxxxxxxxxxxxxxxxxxxx, word044=xxxxxxxxxxxxxxxxxxxx, word045=xxxxxxxxxxxxxxxxxxxx, word046=xxxxxxxxxxxxxxxxxxxx, word047=xxxxxxxxxxxxxxxxxxxx, word048=xxxxxxxxxxxxxxxxxxxx, word049=xxxxxxxxxxxxxxxxxxxx, word050=xxxxxxxxxxxxxxxxxxxx, word051=xxxxxxxxxxxxxxxxxxxx, word052=xxxxxxxxxxxxxxxxxxxx, word053=xxxxxxxxxxxxxxxxxxxx, word054=xxxxxxxxxxxxxxxxxxxx, word055=xxxxxxxxxxxxxxxxxxxx, word056=xxxxxxxxxxxxxxxxxxxx, word057=xxxxxxxxxxxxxxxxxxxx, word058=xxxxxxxxxxxxxxxxxxxx, word059=xxxxxxxxxxxxxxxxxxxx, word060=xxxxxxxxxxxxxxxxxxxx, word061=xxxxxxxxxxxxxxxxxxxx, word062=xxxxxxxxxxxxxxxxxxxx, word063=xxxxxxxxxxxxxxxxxxxx, word064=xxxxxxxxxxxxxxxxxxxx, word065=xxxxxxxxxxxxxxxxxxxx, word066=xxxxxxxxxxxxxxxxxxxx, word067=xxxxxxxxxxxxxxxxxxxx, word068=xxxxxxxxxxxxxxxxxxxx, word069=xxxxxxxxxxxxxxxxxxxx, word070=xxxxxxxxxxxxxxxxxxxx, word071=xxxxxxxxxxxxxxxxxxxx, word072=xxxxxxxxxxxxxxxxxxxx, word073=xxxxxxxxxxxxxxxxxxxx, word074=xxxxxxxxxxxxxxxxxxxx, word075=xxxxxxxxxxxxxxxxxxxx, word076=xxxxxxxxxxxxxxxxxxxx, word077=xxxxxxxxxxxxxxxxxxxx, word078=xxxxxxxxxxxxxxxxxxxx, word079=xxxxxxxxxxxxxxxxxxxx]}\n',
    says: 'dock0.yaml:1:10: kernel.cmdline: expected at most 2047 bytes with what the build adds, found 2479: the kernel would cut it off',
  },
  {
    name: 'the parameters of a module in both spellings',
    config: 'modules: {options: {kvm-intel: {nested: 1}, kvm_intel: {nested: 0}}}\n',
    says: 'dock0.yaml:1:45: modules.options.kvm_intel: expected each module once: kvm-intel is the same one',
  },
  {
    name: 'a word of the initramfs as a module',
    config: 'modules: {options: {dock0: {root: x}}}\n',
    says: 'dock0.yaml:1:21: modules.options.dock0: expected a module of the kernel: words with dock0. are those of the initramfs',
  },
  {
    name: 'a time that is no number',
    config: 'kernel: {cmdline: [dock0.timeout=abc]}\n',
    says: 'dock0.yaml:1:20: kernel.cmdline.0: expected dock0.timeout= and seconds, found "dock0.timeout=abc"',
  },
  {
    name: 'a command without a word',
    config: 'commands: {chroot: [[]]}\n',
    says: 'dock0.yaml:1:21: commands.chroot.0: expected a list of words, found a list',
  },
  {
    name: 'a command with a NUL',
    config: 'commands: {host: [["a\\0b"]]}\n',
    says: 'dock0.yaml:1:20: commands.host.0.0: expected a word, found "a\\u0000b"',
  },
];
