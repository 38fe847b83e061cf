import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { run } from '../../lib/system/process';
import { dataDisks, releaseDisk } from '../../lib/vm/disks';
import { startedUnit, staticBusybox, VM_INIT, writeVmInitrd } from '../../lib/vm/initrd';
import { startVm } from '../../lib/vm/qemu';
import type { VerifyReport } from '../../lib/vm/verify-report';
import { loadConfig } from '../helpers/config';
import { writeImage } from '../helpers/container-image';
import { type GulpResult, gulp, workFolder } from '../helpers/gulp';

const SECRET = 'only-the-container-sees-it';

/** Serves a file, and shows its secret. */
const WEB = {
  image: 'web:1',
  ports: ['8080:80'],
  networks: ['front'],
  environment: { WORD: 'two words' },
  secrets: { token: SECRET },
  command: [
    'sh',
    '-c',
    'trap exit TERM\n(cat /text; echo "$WORD"; cat /run/secrets/token; ls -l /run/secrets/token) >/said\nnc -ll -p 80 -e cat /said &\nwait',
  ],
};
const SLEEP = ['sh', '-c', 'trap exit TERM; sleep 1000000 & wait'];
const DB = { image: 'db:1', memory: '32M', volumes: ['data:/data'], networks: ['front'], command: SLEEP };

/** Says, once web and db run or a time is over, what they are; then turns the machine off. */
const AGENT = `#!/bin/sh
exec 5<>/dev/ttyS1
say() { echo "$*" | tr '\\n' ' ' >&5; echo >&5; }
state() { docker container inspect --format "{{.State.$1}}" "$2" 2>/dev/null; }
for _ in $(seq 120); do
  [ "$(state Running web) $(state Running db)" = 'true true' ] && break
  sleep 1
done
sleep 20
for name in $(docker ps --all --format '{{.Names}}'); do
  say "container $name $(docker container inspect --format '{{.Id}} {{.State.Running}}' $name)"
done
say "served $(/run/dock0-test/busybox nc -w 10 127.0.0.1 8080 </dev/null)"
say "secrets $(stat -c '%a %F' /run/dock0/secrets/web/token) $(stat -f -c %T /run/dock0/secrets/web)"
say "loaded $(journalctl --boot --no-pager --output cat _SYSTEMD_UNIT=dock0-images.service | grep -c ^loading)"
say "failed $(systemctl list-units --failed --plain --no-legend | awk '{ print $1 }')"
say "journal $(journalctl --boot --no-pager --output cat | grep -c ${SECRET})"
for name in missing taken crash web; do
  say "journal-of $name $(journalctl --boot --no-pager --output cat "_SYSTEMD_UNIT=dock0-container-$name.service" | head -n 6)"
done
systemctl --no-block poweroff
`;

const UNIT = `[Unit]
DefaultDependencies=no
After=multi-user.target
[Service]
Type=exec
ExecStart=/run/dock0-test/agent
`;

describe('containers of the configuration, with their images in the release and without a network', () => {
  const work = workFolder();
  const configure = (name: string, containers: object): void => {
    const images = ['./web.tar', './db.tar'];
    const config = { include: 'default', name, images, containers, verify: { timeout: 900 } };
    writeFileSync(work.path(`${name}.yaml`), JSON.stringify(config));
  };
  const task = (name: string, config: string, alone = false): Promise<GulpResult> =>
    gulp([name, '--config', work.path(`${config}.yaml`)], {
      cwd: work.path(),
      // Nothing but the loopback interface.
      through: alone ? ['unshare', '--net', '--', 'sh', '-c', 'ip link set lo up && exec "$@"', 'sh'] : [],
    });
  const reportOf = (name: string): VerifyReport =>
    JSON.parse(readFileSync(work.path(`build/${name}/current/verify.json`), 'utf8'));

  before(async () => {
    writeImage(work.path('web.tar'), ['web:1'], 'of the web');
    writeImage(work.path('db.tar'), ['db:1'], 'of the db');
    configure('good', { web: { ...WEB, depends_on: ['db'] }, db: DB });
    configure('bad', {
      web: { ...WEB, environment: { WORD: 'changed' }, depends_on: ['db'] },
      db: DB,
      crash: { image: 'db:1', command: ['sh', '-c', 'echo it is broken; exit 3'] },
      missing: { image: 'registry.invalid/none:1' },
      taken: { image: 'db:1', ports: ['22:22'] },
    });
    for (const name of ['good', 'bad']) {
      const { code, output } = await task('build', name);
      expect(code, output).to.equal(0);
    }
  });

  it('run, which verify shows', async () => {
    const { code, output } = await task('verify', 'good', true);
    expect(code, output).to.equal(0);
    const { boots } = reportOf('good');
    expect(boots).to.have.length(2);
    for (const { checks } of boots)
      expect(checks.filter(({ name, ok }) => ok && name.startsWith('runs:'))).to.have.length(2);
  });

  it('are left alone by a reboot, made anew when their definition changed, and get their images once', async () => {
    const data = work.path('data');
    mkdirSync(data, { recursive: true });
    const boot = async (name: string): Promise<Map<string, string>> => {
      const tmp = work.path('tmp');
      mkdirSync(tmp, { recursive: true });
      const { base: config } = loadConfig({ files: [work.path(`${name}.yaml`)], cwd: work.path() });
      const release = work.path(`build/${name}/current`);
      const root = await releaseDisk(release, config.install.label, tmp, run);
      const disks = await dataDisks(config, data, run, { before: [root] });
      writeFileSync(work.path('agent'), AGENT);
      writeFileSync(work.path('unit'), UNIT);
      await writeVmInitrd(join(release, 'initramfs.img'), join(tmp, 'initrd'), {
        'dock0-test/agent': { source: work.path('agent'), mode: 0o755 },
        'dock0-test/busybox': { source: staticBusybox(), mode: 0o755 },
        ...startedUnit('dock0-test.service', work.path('unit')),
      });
      const cmdline = readFileSync(join(release, 'cmdline'), 'utf8').trim();
      const said = new Map<string, string>();
      const vm = await startVm({
        kernel: join(release, 'vmlinuz'),
        initrd: join(tmp, 'initrd'),
        cmdline: [cmdline, ...disks.words, 'console=ttyS0', VM_INIT].join(' '),
        memory: config.verify.memory,
        cpus: config.verify.cpus,
        disks: [root, ...disks.disks],
        onReboot: 'end',
        onReport: (line) => {
          const [, key = '', value = ''] =
            /^((?:container|journal-of) \S+|\S+) ?(.*)$/.exec(line.trim()) ?? [];
          said.set(key, value.trim());
        },
        tmp,
      });
      await vm.ended;
      return said;
    };
    const first = await boot('good');
    const why = JSON.stringify([...first], null, 2);
    expect(first.get('loaded'), why).to.equal('2');
    expect(first.get('served')).to.match(
      new RegExp(`^of the web two words ${SECRET}\\s+-rw------- +1 0 +0 .* /run/secrets/token$`),
    );
    expect(first.get('secrets')).to.equal('600 regular file tmpfs');
    expect(first.get('journal')).to.equal('0');
    const second = await boot('bad');
    const then = JSON.stringify([...second], null, 2);
    expect(second.get('loaded'), then).to.equal('0');
    expect(second.get('container db'), then).to.equal(first.get('container db'));
    expect(second.get('container web')).to.match(/^[0-9a-f]{64} true$/);
    expect(second.get('container web')).to.not.equal(first.get('container web'));
    expect(second.get('served')).to.match(/^of the web changed /);
    expect(second.get('container missing')).to.equal(undefined);
    expect(second.get('container crash')).to.match(/ false$/);
    expect(second.get('failed')).to.not.contain('dock0-container');
  });

  it('run beside one that crashes, one without its image and one whose port is taken, which verify names', async () => {
    const { code, output } = await task('verify', 'bad', true);
    expect(code, output).to.equal(1);
    const rows = reportOf('bad').boots[0]?.checks ?? [];
    const row = (name: string): string => {
      const found = rows.find((each) => each.name === `runs:${name}`);
      return `${found?.ok} ${found?.detail}`;
    };
    expect(row('web'), output).to.match(/^true since/);
    expect(row('db')).to.match(/^true since/);
    expect(row('crash')).to.match(/^false ended with 3, its log: .*it is broken/);
    expect(row('missing')).to.match(/^false .*there is no image registry\.invalid\/none:1/);
    expect(row('taken')).to.match(/^false .*(address already in use|port is already allocated)/);
    expect(output).to.contain('FAILED the container crash runs: ended with 3');
  });
});
