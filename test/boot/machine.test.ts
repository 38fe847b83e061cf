import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { expect } from 'chai';
import { run } from '../../lib/system/process';
import { dataDisks, releaseDisk } from '../../lib/vm/disks';
import { startedUnit, VM_INIT, writeVmInitrd } from '../../lib/vm/initrd';
import { loadConfig } from '../helpers/config';
import { gulp, PROJECT, workFolder } from '../helpers/gulp';

const HOST = `name: living
docker: {enabled: false}
system: {watchdog: 20}
modules: {load: [softdog]}
swap: {file: 64M, volume: docker}
verify: {timeout: 1200}
`;

/** Says what the machine is like, and then does what the word on its command line says. */
const AGENT = `#!/bin/sh
exec >/dev/ttyS1 2>&1
# A login is offered once the machine is up.
sleep 5
swapon --noheadings --show=NAME,SIZE
for tty in hvc0 ttyS0; do echo "$tty $(systemctl is-active serial-getty@$tty.service)"; done
echo "watchdog $(systemctl show --property=RuntimeWatchdogUSec --value)"
echo "state $(cat /sys/class/watchdog/watchdog0/state)"
echo ready
echo 1 >/proc/sys/kernel/sysrq
case "$(cat /proc/cmdline)" in
  *dock0.test=crash*) echo c >/proc/sysrq-trigger ;;
  *dock0.test=hang*) kill -SEGV 1 ;;
esac
`;

const UNIT = `[Unit]
DefaultDependencies=no
After=multi-user.target
[Service]
Type=exec
ExecStart=/run/dock0-test/agent
`;

/** How a machine ended: what its agent said, what was on its consoles, and the seconds from `ready` to the reset. */
interface Ended {
  said: string[];
  serial: string;
  hypervisor: string;
  seconds: number;
}

describe('a machine that nobody looks after', () => {
  const work = workFolder();
  const configuration = ['--config', `${PROJECT}/configs/default.yaml`, '--config', 'living.yaml'];

  before(async () => {
    writeFileSync(work.path('living.yaml'), HOST);
    const { code, output } = await gulp(['build', ...configuration], { cwd: work.path() });
    expect(code, output).to.equal(0);
  });

  /** Boots it in a machine with a hypervisor's console, which ends where the machine would start again. */
  async function boot(word: string): Promise<Ended> {
    const release = work.path('build/living/current');
    const folder = work.path(word);
    mkdirSync(folder);
    const { base: config } = loadConfig({
      files: [`${PROJECT}/configs/default.yaml`, work.path('living.yaml')],
      cwd: work.path(),
    });
    const root = await releaseDisk(release, config.install.label, folder, run);
    const data = await dataDisks(config, folder, run, { before: [root] });
    writeFileSync(`${folder}/agent`, AGENT);
    writeFileSync(`${folder}/unit`, UNIT);
    await writeVmInitrd(`${release}/initramfs.img`, `${folder}/initrd`, {
      'dock0-test/agent': { source: `${folder}/agent`, mode: 0o755 },
      ...startedUnit('dock0-test.service', `${folder}/unit`),
    });
    const words = [
      readFileSync(`${release}/cmdline`, 'utf8').trim(),
      ...data.words,
      'console=ttyS0',
      'tsc=reliable',
      VM_INIT,
      `dock0.test=${word}`,
    ];
    const console = (name: string): string[] => ['-chardev', `file,id=${name},path=${folder}/${name}`];
    const machine = spawn(
      'qemu-system-x86_64',
      [
        ...['-nodefaults', '-display', 'none', '-accel', 'tcg,thread=multi', '-cpu', 'max'],
        ...['-m', '1G', '-smp', '2', '-no-reboot'],
        ...['-kernel', `${release}/vmlinuz`, '-initrd', `${folder}/initrd`, '-append', words.join(' ')],
        ...[...console('serial'), '-serial', 'chardev:serial'],
        ...['-chardev', 'stdio,id=agent', '-serial', 'chardev:agent'],
        ...['-device', 'virtio-serial-pci', ...console('hypervisor')],
        ...['-device', 'virtconsole,chardev=hypervisor'],
        ...[root, ...data.disks].flatMap(({ file }) => [
          '-drive',
          `file=${file},format=raw,if=virtio,cache=unsafe,snapshot=off`,
        ]),
      ],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    );
    const { said, seconds } = await listen(machine);
    const text = (name: string): string => readFileSync(`${folder}/${name}`, 'utf8');
    return { said, seconds, serial: text('serial'), hypervisor: text('hypervisor') };
  }

  async function listen(machine: ChildProcess): Promise<{ said: string[]; seconds: number }> {
    const ended = new Promise<void>((resolve) => machine.once('close', () => resolve()));
    const timer = setTimeout(() => machine.kill('SIGKILL'), 1_200_000);
    const said: string[] = [];
    let ready = 0;
    for await (const line of createInterface({ input: machine.stdout as NodeJS.ReadableStream })) {
      if (line.trim() === 'ready') ready = performance.now();
      else said.push(line.trim().replace(/ +/g, ' '));
    }
    await ended;
    clearTimeout(timer);
    return { said, seconds: (performance.now() - ready) / 1000 };
  }

  it('has its swap file, a login on each console, and starts again ten seconds after its kernel crashed', async () => {
    const { said, serial, hypervisor, seconds } = await boot('crash');
    expect(said, serial).to.include.members([
      '/var/lib/docker/.dock0-swap 64M',
      'hvc0 active',
      'ttyS0 active',
      'watchdog 20s',
      'state active',
    ]);
    expect(hypervisor).to.contain('living login:');
    expect(serial).to.contain('Kernel panic - not syncing: sysrq triggered crash');
    expect(serial).to.match(/Rebooting in 10 seconds/);
    expect(hypervisor, 'kernel messages are on both').to.contain('Kernel panic - not syncing');
    expect(seconds).to.be.within(8, 120);
  });

  it('starts again when systemd hangs', async () => {
    const { said, serial, seconds } = await boot('hang');
    expect(said, serial).to.include('state active');
    expect(serial).to.contain('softdog: Initiating system reboot');
    expect(seconds).to.be.within(5, 300);
  });
});
