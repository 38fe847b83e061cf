// biome-ignore-all lint/suspicious/noTemplateCurlyInString: references look like template placeholders
import { chmodSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { ConfigError } from '../../../lib/config/problems';
import { loadConfig } from '../../helpers/config';
import { cleanUp, load, problemsOf, workspace } from './workspace';

describe('problems of a configuration', () => {
  afterEach(cleanUp);

  it('are reported at once, sorted by file and line', () => {
    const files = {
      'b.yaml': 'squash:\n  level: 99\n  compresion: xz\npackages: 7\n',
      'a.yaml': 'nmae: x\nfs: {type: ext3}\n',
    };
    expect(problemsOf(files, { files: ['b.yaml', 'a.yaml'] })).to.deep.equal([
      'a.yaml:1:1: nmae: unknown key; did you mean name?',
      'a.yaml:2:12: fs.type: expected one of ext4, xfs, btrfs, found "ext3"; did you mean "ext4"?',
      'b.yaml:2:10: squash.level: expected a whole number from 1 to 22, found the number 99',
      'b.yaml:3:3: squash.compresion: unknown key; did you mean squash.compression?',
      'b.yaml:4:11: packages: expected a list of packages, or a file with one per line, found the number 7',
    ]);
  });

  it('are one error with the problems as data, and without a stack', () => {
    const attempt = () => load({ 'dock0.yaml': 'name: X\nfoo: 1\n' });
    expect(attempt).to.throw(
      ConfigError,
      /^2 problems in the configuration:\n {2}dock0\.yaml:1:7: name: expected /,
    );
    try {
      attempt();
    } catch (error) {
      expect(error).to.have.property('showStack', false);
      expect((error as ConfigError).problems[0]).to.deep.equal({
        file: 'dock0.yaml',
        line: 1,
        column: 7,
        key: 'name',
        message: 'expected lower-case letters, digits and -, found "X"',
      });
    }
  });

  it('suggest a key elsewhere if it is the only one of that name', () => {
    expect(problemsOf({ 'dock0.yaml': 'dhcp: true\nzzzzzz: 1\nunits: {start: [x]}\n' })).to.deep.equal([
      'dock0.yaml:1:1: dhcp: unknown key; did you mean network.dhcp?',
      'dock0.yaml:2:1: zzzzzz: unknown key',
      'dock0.yaml:3:9: units.start: unknown key; known here: enable, disable, mask',
    ]);
  });

  it('include a compiler launcher that is more than a command, since make passes it to a shell', () => {
    for (const launcher of ['true;id', '$(id)', '`id`', 'a|b', '-x', 'ccache gcc']) {
      const text = `kernel: {make: {launcher: '${launcher}'}}\n`;
      expect(problemsOf({ 'dock0.yaml': text })).to.deep.equal([
        `dock0.yaml:1:27: kernel.make.launcher: expected auto, none or a command, found "${launcher}"`,
      ]);
    }
    for (const launcher of ['distcc', '/usr/local/bin/my-cache_2.0']) {
      expect(() => load({ 'dock0.yaml': `kernel: {make: {launcher: ${launcher}}}\n` })).to.not.throw();
    }
  });

  it('include unknown keys in maps of the user and in lists, and those set to null', () => {
    const text =
      'volumes: {docker: {labl: x}}\npacman: {repositories: [{name: a, server: "http://x/$repo", key: x}]}\nfoo: ~\n';
    expect(problemsOf({ 'dock0.yaml': text })).to.include.members([
      'dock0.yaml:1:20: volumes.docker.labl: unknown key; did you mean volumes.docker.label?',
      'dock0.yaml:2:61: pacman.repositories.0.key: unknown key; did you mean pacman.repositories.0.keys?',
      'dock0.yaml:3:1: foo: unknown key',
    ]);
  });

  it('do not include keys of maps with free content', () => {
    const { base } = load({
      'dock0.yaml':
        'vars: {anything: {at: [all]}}\ndocker: {daemon: {log-driver: journald}}\nkernel: {options: {VETH: y, CONFIG_NR_CPUS: 8}}\n',
    });
    expect(base.vars).to.deep.equal({ anything: { at: ['all'] } });
    expect(base.docker.daemon).to.deep.equal({ 'log-driver': 'journald' });
    expect(base.kernel.options).to.deep.equal({ VETH: 'y', CONFIG_NR_CPUS: 8 });
  });

  it('ask for quotes where YAML reads a number or boolean in place of a string', () => {
    const text =
      'permissions: {/etc/x: {mode: 0644}}\nkernel: {source: {version: 6.12}}\nvolumes: {docker: {label: 1, path: /var/lib/docker}}\nhostname: true\n';
    expect(problemsOf({ 'dock0.yaml': text })).to.deep.equal([
      'dock0.yaml:1:30: permissions./etc/x.mode: 0644 would be the number 644; put it in quotes, or write 0o644 for an octal number',
      'dock0.yaml:2:28: kernel.source.version: expected a version such as "6.12.3" (in quotes), stable, longterm or mainline, found the number 6.12',
      'dock0.yaml:3:27: volumes.docker.label: expected a file system label of letters, digits, ., _, +, @, ~ and -, found the number 1; put it in quotes',
      'dock0.yaml:4:11: hostname: expected a host name of at most 64 letters, digits, - and dots, found true; put it in quotes',
    ]);
  });

  it('include YAML errors with line and caret, along with problems of other files', () => {
    const files = {
      'a.yaml': 'name: x\nfs: {size: 1G\nlocale: C\n',
      'b.yaml': 'fs: {size: 1}\nhostname: "${nonsense}"\n',
    };
    const problems = problemsOf(files, { files: ['a.yaml', 'b.yaml'] });
    expect(problems).to.have.length(2);
    expect(problems[0]).to.match(/^a\.yaml:2:5: this \{ is never closed\n {4}fs: \{size: 1G\n {4} *\^$/);
    expect(problems[1]).to.equal(
      'b.yaml:1:12: fs.size: expected a size such as 512M or 4G, found the number 1',
    );
  });

  it('include a list in place of a map, and a missing value', () => {
    const text =
      'fs: [a]\nvars: [b]\ninstall: {cow: [c]}\npackages:\n  - a\n  # none\n  -\nvolumes: {docker: [d]}\n';
    expect(problemsOf({ 'dock0.yaml': text })).to.deep.equal([
      'dock0.yaml:1:1: fs: expected a map, found a list',
      'dock0.yaml:2:1: vars: expected a map, found a list',
      'dock0.yaml:3:11: install.cow: expected tmpfs, or a map with label, uuid or device, found a list',
      'dock0.yaml:7:3: packages.1: expected a package name, found nothing',
      'dock0.yaml:8:11: volumes.docker: expected a map, found a list',
    ]);
  });

  it('include an invalid name once, although the host name depends on it', () => {
    expect(problemsOf({ 'dock0.yaml': 'name: ""\nvars: {h: "${hostname}"}\n' })).to.deep.equal([
      'dock0.yaml:1:7: name: expected lower-case letters, digits and -, found an empty string',
    ]);
  });

  it('do not include an empty file, one with only comments, a byte order mark and CRLF', () => {
    expect(load({ 'dock0.yaml': '' }).base.name).to.equal('dock0');
    expect(load({ 'dock0.yaml': '# nothing yet\n' }).base.name).to.equal('dock0');
    expect(load({ 'dock0.yaml': '\uFEFFname: bom\r\nlocale: C\r\n' }).base).to.deep.include({
      name: 'bom',
      locale: 'C',
    });
  });

  it('do not include anchors and merge keys', () => {
    const text =
      'vars: {disk: &disk {type: xfs, options: [noatime]}}\nvolumes:\n  docker: {<<: *disk, label: docker, path: /var/lib/docker}\n  data: {<<: [*disk], type: btrfs, label: data, path: /srv}\n';
    const { docker, data } = load({ 'dock0.yaml': text }).base.volumes;
    expect(docker).to.deep.equal({
      type: 'xfs',
      options: ['noatime'],
      label: 'docker',
      create: false,
      path: '/var/lib/docker',
    });
    expect(data).to.deep.include({ type: 'btrfs', options: ['noatime'] });
  });

  it('say what a key is called now', () => {
    expect(problemsOf({ 'dock0.yaml': 'pacman:\n  no_extract: [usr/share/doc/*]\n' })).to.deep.equal([
      'dock0.yaml:2:3: pacman.no_extract: unknown key: it is `exclude` now, with paths that begin with / (/usr/share/doc/*)',
    ]);
    expect(problemsOf({ 'dock0.yaml': 'exclude: [usr/share/doc/*]\n' })).to.deep.equal([
      'dock0.yaml:1:11: exclude.0: expected a path in the image such as /usr/share/doc/*, or ! and one, found "usr/share/doc/*"',
    ]);
  });
});

describe('paths in the configuration', () => {
  afterEach(cleanUp);

  it('have to exist and be of the right kind', () => {
    const files = {
      'dock0.yaml': 'overlay: [ov, overlya, file]\nhooks: {pre-squash: plain, post-squash: [run]}\n',
      'overlay/x': '',
      'ov/x': '',
      file: '',
      plain: '',
      run: '',
    };
    const cwd = workspace(files);
    chmodSync(join(cwd, 'run'), 0o755);
    expect(() => loadConfig({ cwd, env: {}, steps: ['squash'] }))
      .to.throw(ConfigError)
      .with.property(
        'message',
        [
          '3 problems in the configuration:',
          '  dock0.yaml:1:15: overlay.1: expected a folder, found "overlya": no such file or folder; did you mean "overlay"?',
          '  dock0.yaml:1:24: overlay.2: expected a folder, found "file": it is not a folder',
          '  dock0.yaml:2:21: hooks.pre-squash: expected an executable, found "plain": it is not executable (chmod +x)',
        ].join('\n'),
      );
  });

  it('of the kernel have to exist only for the chosen provider', () => {
    const text = 'kernel:\n  file: gone\n  modules: none\n  base: gone.config\n  patches: [gone.patch]\n';
    expect(load({ 'dock0.yaml': text }).base.kernel.modules).to.equal('none');
    expect(problemsOf({ 'dock0.yaml': `${text}  provider: file\n` })).to.have.length(1);
    expect(
      problemsOf({ 'dock0.yaml': `${text}  provider: source\n  source: {debian: linux-source-6.1}\n` }),
    ).to.deep.equal([
      'dock0.yaml:4:9: kernel.base: expected tiny, allno, def, running or a .config file, found "gone.config": no such file or folder',
      'dock0.yaml:5:13: kernel.patches.0: expected a patch or folder of patches, found "gone.patch": no such file or folder',
    ]);
  });

  it('of kernel fragments may be names of fragments in the package', () => {
    const text =
      'kernel: {provider: source, source: {debian: linux-source-6.1}, fragments: [docker, own.config]}\n';
    const cwd = workspace({ 'dock0.yaml': text, 'own.config': '' });
    const { fragments, base } = loadConfig({ cwd, env: {} }).base.kernel;
    expect(fragments[0]).to.match(/\/configs\/kernel\/docker\.config$/);
    expect(fragments[1]).to.equal(join(cwd, 'own.config'));
    expect(base).to.equal('allno');
    expect(
      problemsOf({ 'dock0.yaml': text.replace('docker', 'dokcer').replace(', own.config', '') }),
    ).to.deep.equal([
      'dock0.yaml:1:76: kernel.fragments.0: expected a fragment, found "dokcer": no such file or folder; did you mean "docker"?',
    ]);
  });

  it('may be a file with a list of packages, whose problems have its lines', () => {
    const list = '# tools\nhtop   # a monitor\n\n  curl\n';
    const files = { 'dock0.yaml': 'packages: lists/tools\n', 'lists/tools': list };
    const { base, files: read } = load(files);
    expect(base.packages).to.deep.equal(['htop', 'curl']);
    expect(read.some((file) => file.endsWith('lists/tools'))).to.equal(true);
    expect(problemsOf({ ...files, 'lists/tools': 'htop\nbad name\n' })).to.deep.equal([
      'lists/tools:2:1: packages.1: expected a package name, found "bad name"',
    ]);
    expect(problemsOf({ 'dock0.yaml': 'packages: lists/tool\n', 'lists/tools': '' })).to.deep.equal([
      'dock0.yaml:1:11: packages: expected a list of packages, or a file with one per line, found "lists/tool": no such file or folder; did you mean "lists/tools"?',
    ]);
  });

  it('may be files of SSH keys, next to literal keys', () => {
    const key = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAINmnDD/LfjmvKFm6iTsH/dcI2F4cljSom5Z0DjRFGmQu me@host #1';
    const files = { 'dock0.yaml': `root: {ssh_keys: ['${key}', keys]}\n`, keys: `# mine\n${key}\n` };
    expect(load(files).base.root.ssh_keys).to.deep.equal([key, key]);
    const blank = { 'dock0.yaml': "root: {ssh_keys: './my keys'}\n", 'my keys': `${key}\n` };
    expect(load(blank).base.root.ssh_keys).to.deep.equal([key]);
    const missing = { 'dock0.yaml': "root: {ssh_keys: '/none/my keys'}\n" };
    expect(() => load(missing)).to.throw('/none/my keys');
    expect(problemsOf({ ...files, keys: 'no key at all\n' })).to.deep.equal([
      'keys:1:1: root.ssh_keys.1: expected a type of key such as ssh-ed25519',
    ]);
  });
});
