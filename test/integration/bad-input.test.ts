import { createServer } from 'node:net';
import { expect } from 'chai';
import { gulp, SHARED_CACHE, workFolder } from '../helpers/gulp';
import { type TinyHost, tinyHost } from '../helpers/tiny-host';
import { badInputs } from '../unit/bad-input/table';

/** An input of which only the packages' lists or a build tell what is wrong with it. */
interface LateInput {
  name: string;
  /** The keys of dock0.yaml, which is JSON in one line. */
  keys: object;
  /** Files beside it, with a mode where they are programs. */
  files?: Readonly<Record<string, string | { run: string }>>;
  /** The task and its flags; default: customize. */
  task?: readonly string[];
  env?: Record<string, string>;
  /** A line of what is printed. */
  says: string | RegExp;
}

const SYSTEMD = { packages: ['systemd-sysv'] };
const KEY = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAINmnDD/LfjmvKFm6iTsH/dcI2F4cljSom5Z0DjRFGmQu';

/** Requests that the lists refuse, all of them at once. */
const REFUSED = {
  packages: [
    'systemd-sysv',
    'hto.',
    'htpo',
    'htop-',
    'awk',
    'htop=1.0',
    'htop:s390x',
    'mail-transport-agent',
  ],
};

/** What can be built, with warnings. */
const WARNED = {
  ...SYSTEMD,
  root: { ssh_keys: [KEY] },
  volumes: { docker: { label: 'docker', path: '/var/lib/docker', type: 'xfs' } },
};

const PACKAGES: readonly LateInput[] = [
  {
    name: 'a name that is a regular expression to apt',
    keys: REFUSED,
    says: /^(\[\S+\] )?dock0\.yaml:1:\d+: packages\.1: no package "hto\." in \w+; did you mean "htop"\?$/m,
  },
  {
    name: 'a name with two letters swapped',
    keys: REFUSED,
    says: /^dock0\.yaml:1:\d+: packages\.2: no package "htpo" in \w+; did you mean "htop"\?$/m,
  },
  {
    name: 'a name that removes a package to apt',
    keys: REFUSED,
    says: /^dock0\.yaml:1:\d+: packages\.3: no package "htop-" in \w+; did you mean "htop"\?$/m,
  },
  {
    name: 'a name that several packages provide',
    keys: REFUSED,
    says: /^dock0\.yaml:1:\d+: packages\.4: "awk" is no package but what several provide: name one of .*mawk/m,
  },
  {
    name: 'a version that there is not',
    keys: REFUSED,
    says: /^dock0\.yaml:1:\d+: packages\.5: no version 1\.0 of "htop" in \w+, which has \d/m,
  },
  {
    name: 'a package of another architecture',
    keys: REFUSED,
    says: /^dock0\.yaml:1:\d+: packages\.6: "htop:s390x" is of another architecture: the image is \w+$/m,
  },
  {
    name: 'a name that more than a few packages provide',
    keys: REFUSED,
    says: /^dock0\.yaml:1:\d+: packages\.7: "mail-transport-agent" is no package but what several provide: .*, more$/m,
  },
  {
    name: 'nothing at all',
    keys: {},
    says: 'dock0.yaml:1:1: packages: nothing starts this system: add systemd-sysv, or `include: default`, which has all that a Docker host needs; `init: none` is for a root that is never booted',
  },
  {
    name: 'no kernel of that name',
    keys: { ...SYSTEMD, kernel: { package: 'linux-image-clod-amd64' } },
    task: ['kernel', '--dry-run'],
    says: /dock0\.yaml:1:\d+: kernel\.package: no package "linux-image-clod-amd64" in \w+; did you mean "linux-image-cloud-amd64"\?/,
  },
  {
    name: 'keys without an SSH server',
    keys: WARNED,
    says: /warning: dock0\.yaml:1:\d+: root\.ssh_keys: has no effect: no package brings an SSH server; add openssh-server$/m,
  },
  {
    name: 'a volume that nothing can check',
    keys: WARNED,
    says: /warning: dock0\.yaml:1:\d+: volumes\.docker\.type: no package can check or grow xfs file systems; add xfsprogs$/m,
  },
  {
    name: 'SOURCE_DATE_EPOCH as a date',
    keys: SYSTEMD,
    env: { SOURCE_DATE_EPOCH: '2026-01-01' },
    says: 'SOURCE_DATE_EPOCH: expected seconds since 1970, up to 4294967295 (2106), found "2026-01-01"',
  },
];

/** What is refused before anything runs, all of it at once. */
const BEFORE = {
  overlay: ['.'],
  scripts: ['./scripts'],
  commands: { host: [['no-such-command']] },
};

/** Units that there are not, all of them at once. */
const UNITS = { overlay: ['./units'], units: { enable: ['web.servce.service', 'wbe'] } };

/** What is replaced or matches nothing, with warnings. */
const REPLACED = { overlay: ['./named'], cleanup: { paths: ['/etc/none*'] } };

const CUSTOMIZED: readonly LateInput[] = [
  {
    name: 'a unit that there is not',
    keys: UNITS,
    files: { 'units/etc/systemd/system/web.service': '[Service]\n' },
    says: /dock0\.yaml:1:\d+: units\.enable\.0: the image has no unit web\.servce\.service; there are web\.service/,
  },
  {
    name: 'a unit that is misspelt',
    keys: UNITS,
    says: /dock0\.yaml:1:\d+: units\.enable\.1: the image has no unit wbe\.service; did you mean web\.service\?/,
  },
  {
    name: 'an owner that there is not',
    keys: { overlay: ['./accounts'], permissions: { '/etc/passwd': { owner: 'rot:root' } } },
    files: { 'accounts/etc/passwd': 'root:x:0:0::/:/bin/sh\n', 'accounts/etc/group': 'root:x:0:\n' },
    says: /dock0\.yaml:1:\d+: permissions\.\/etc\/passwd: the image has no user rot; did you mean root\?/,
  },
  {
    name: 'permissions of a file that there is not',
    keys: { permissions: { '/etc/none': { mode: '0600' } } },
    says: /dock0\.yaml:1:\d+: permissions\.\/etc\/none: the image has no such file or folder/,
  },
  {
    name: 'a user to remove that there is not',
    keys: { overlay: ['./accounts'], cleanup: { users: ['roto'] } },
    says: /dock0\.yaml:1:\d+: cleanup\.users\.0: the image has no user roto; did you mean root\?/,
  },
  {
    name: 'a pattern that matches nothing',
    keys: REPLACED,
    files: { 'named/etc/hostname': 'web\n' },
    says: /warning: dock0\.yaml:1:\d+: cleanup\.paths\.0: has no effect: nothing matches \/etc\/none\*/,
  },
  {
    name: 'a host name in a shared overlay',
    keys: REPLACED,
    says: 'warning: /etc/hostname of the shared layer has no effect: `hostname` sets it',
  },
  {
    name: 'a command that there is not',
    keys: { overlay: ['./tools'], commands: { chroot: [['tol', '--now']] } },
    files: {
      'tools/usr/bin/tool': { run: '#!/bin/busybox sh\n' },
      'tools/usr/bin/env': { run: '#!/bin/busybox sh\nexec /bin/busybox env "$@"\n' },
      'tools/usr/bin/odd': { run: '#!/no/such\n' },
    },
    says: /dock0\.yaml:1:\d+: commands\.chroot\.0: the command "tol --now" failed in the chroot with exit code 127: there is no tol in the chroot; did you mean tool\?/,
  },
  {
    name: 'a command of a missing interpreter',
    keys: { overlay: ['./tools'], commands: { chroot: [['/usr/bin/odd']] } },
    says: /commands\.chroot\.0: the command "\/usr\/bin\/odd" failed in the chroot with exit code 127: the interpreter of \/usr\/bin\/odd is missing/,
  },
  {
    name: 'a script of a missing interpreter',
    keys: BEFORE,
    files: {
      'scripts/10-x': { run: '#!/no/such/sh\n' },
      'scripts/20-x': { run: '#!/bin/sh\r\necho\r\n' },
      'scripts/30-x': 'no program\n',
    },
    says: /dock0\.yaml:1:\d+: scripts\.0: scripts\/10-x cannot be run: its interpreter \/no\/such\/sh, which the first line names, does not exist/,
  },
  {
    name: "a script with Windows' line ends",
    keys: BEFORE,
    says: /dock0\.yaml:1:\d+: scripts\.0: scripts\/20-x cannot be run: its lines end in CR LF, as on Windows/,
  },
  {
    name: 'a script that is not executable',
    keys: BEFORE,
    says: /dock0\.yaml:1:\d+: scripts\.0: scripts\/30-x cannot be run: it is not executable \(chmod \+x\)/,
  },
  {
    name: 'a command of the build host that there is not',
    keys: BEFORE,
    says: /dock0\.yaml:1:\d+: commands\.host\.0: expected a command of this machine, found "no-such-command": there is none/,
  },
  {
    name: 'an overlay that has the cache in it',
    keys: BEFORE,
    says: /dock0\.yaml:1:\d+: overlay\.0: expected a folder without the build's own, found .*: cache is in it/,
  },
  {
    name: 'a step to force that there is not',
    keys: {},
    task: ['customize', '--force', 'squsah'],
    says: '--force squsah: no step is named so; did you mean squash?',
  },
];

describe('bad input that only lists or a build can tell', () => {
  const work = workFolder();
  const tiny = tinyHost(() => work.path('tiny'));
  const debian = tinyHost(() => work.path('debian'), 'cache');

  const write = (host: TinyHost, { files = {} }: LateInput): void => {
    for (const [name, content] of Object.entries(files)) {
      if (typeof content === 'string') host.write(name, content);
      else host.write(name, content.run, 0o755);
    }
  };

  /** Cases with the same keys are of one run. */
  const runs = new Map<object, string>();
  const once = async ({ keys }: LateInput, run: () => Promise<{ output: string }>): Promise<string> => {
    const output = runs.get(keys) ?? (await run()).output;
    runs.set(keys, output);
    return output;
  };

  badInputs('bad input (lists)', PACKAGES, async (each) => {
    const output = await once(each, () => {
      write(debian, each);
      debian.write('dock0.yaml', JSON.stringify({ distribution: 'debian', ...each.keys }));
      const env = each.env === undefined ? {} : { env: each.env };
      const task = each.task ?? ['pacstrap', '--dry-run'];
      return gulp([...task, '--cache', SHARED_CACHE], { cwd: debian.path(), ...env });
    });
    expectLine(output, each.says);
  });

  badInputs('bad input (builds)', CUSTOMIZED, async (each) => {
    const output = await once(each, () => {
      write(tiny, each);
      tiny.configure(each.keys);
      return tiny.task(each.task ?? ['customize']);
    });
    expectLine(output, each.says);
  });

  it('a port that another program has is said before anything is built', async () => {
    const server = createServer();
    await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
    const { port } = server.address() as { port: number };
    debian.write('dock0.yaml', JSON.stringify({ distribution: 'debian', packages: ['systemd-sysv'] }));
    const { code, output } = await gulp(['boot', '--ssh', String(port)], { cwd: debian.path() });
    server.close();
    expect(code).to.equal(1);
    expectLine(output, `--ssh ${port}: this port is not free: another program uses it`);
  });

  it('an option of dock0() that there is not, and a value of another kind', async () => {
    const boot = async (options: string): Promise<string> => {
      tiny.configure({});
      tiny.write(
        'gulpfile.ts',
        `import { dock0 } from '${tiny.path('../../..')}/tasks';\nexport const { rootfs } = dock0(${options} as never);\n`,
      );
      return (await tiny.task(['rootfs', '--dry-run'])).output;
    };
    expectLine(
      await boot("{ confg: 'dock0.yaml' }"),
      'dock0(): unknown option "confg"; did you mean config?',
    );
    expectLine(await boot('{ output: 7 }'), 'dock0(): expected a text as output, found 7');
    expectLine(
      await boot('{ config: [{}] }'),
      'dock0(): expected a text or a list of texts as config, found a list with something else in it',
    );
  });
});

function expectLine(output: string, says: string | RegExp): void {
  if (typeof says === 'string') expect(output).to.contain(says);
  else expect(output).to.match(says);
  expect(output, 'a stack').to.not.match(/^\s+at .*:\d+:\d+\)?$/m);
}
