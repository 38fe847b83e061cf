import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { expect } from 'chai';
import { startVm } from '../../lib/vm/qemu';
import { currentId, type GulpResult, gulp, PROJECT, workFolder } from '../helpers/gulp';
import { reportOf } from '../helpers/verified';

const WAYS: Record<string, { via: string; set: string[] }> = {
  'GRUB, by BIOS': { via: 'bios', set: [] },
  'GRUB, by UEFI': { via: 'uefi', set: [] },
  'systemd-boot, by UEFI': { via: 'uefi', set: ['install.loader=systemd-boot'] },
  'a unified kernel image, by UEFI': {
    via: 'uefi',
    set: ['install.loader=systemd-boot', 'install.uki=true'],
  },
  'iPXE, over the network': { via: 'netboot', set: ['install.target=netboot'] },
};

describe('the default configuration, on a machine that starts by itself', () => {
  const work = workFolder();

  for (const [name, { via, set }] of Object.entries(WAYS))
    it(`passes verify, started by ${name}`, async () => {
      const all = ['verify.timeout=1200', ...set].flatMap((each) => ['--set', each]);
      const files = ['--config', `${PROJECT}/configs/default.yaml`];
      const { code, output } = await gulp(['verify', '--via', via, ...files, ...all], { cwd: work.path() });
      expect(code, output).to.equal(0);
      const { boots, machine } = reportOf(work.path('build/dock0'));
      console.log(`      ${JSON.stringify(boots.map(({ milestones }) => milestones))}`);
      expect(machine.via).to.equal(via);
    });
});

/** A disk of a project, and the machine that boots from it. */
function machine() {
  const work = workFolder();
  const disk = (): string => work.path('disk.img');
  const task = async (...args: string[]): Promise<GulpResult> => {
    const result = await gulp(args, { cwd: work.path() });
    expect(result.code, result.output).to.equal(0);
    return result;
  };
  const listed = async (): Promise<string> => (await task('releases', '--onto', disk())).output;
  /** Boots the disk as it is, until the machine is off or a line of its console matches. */
  const boot = async (until: RegExp): Promise<string[]> => {
    const console: string[] = [];
    let seen = false;
    const vm = await startVm({
      firmware: 'bios',
      memory: '1G',
      cpus: 2,
      disks: [{ file: disk(), snapshot: false }],
      onReboot: 'reboot',
      onConsole: (line) => {
        console.push(line);
        seen ||= until.test(line);
      },
      signal: AbortSignal.timeout(1_200_000),
      tmp: work.path(),
    });
    const over = vm.ended.then(() => true);
    while (!seen && !(await Promise.race([over, pause(1000).then(() => false)])));
    vm.kill();
    await vm.ended;
    return console;
  };
  const released = (lines: readonly string[]): string[] =>
    lines.flatMap((line) => /root mounted: release ([0-9a-f]{16}),/.exec(line)?.[1] ?? []);
  return { work, disk, task, listed, boot, released };
}

describe('a machine that gets a new release on its disk', () => {
  const { work, disk, task, listed, boot, released } = machine();
  const write = (motd: string, health: string): void => {
    mkdirSync(work.path('overlay/etc'), { recursive: true });
    writeFileSync(work.path('overlay/etc/motd'), motd);
    writeFileSync(
      work.path('dock0.yaml'),
      `include: default
name: tried
docker: {enabled: false}
volumes: {docker: ~}
install: {tries: 1, size: 500M}
health: {timeout: 10, commands: ["${health}"]}
overlay: ./overlay
kernel: {cmdline: [quiet, no_timer_check]}
`,
    );
  };
  let first = '';

  it('tries it, and boots it from then on once it is confirmed', async () => {
    write('one\n', 'true');
    await task('install');
    first = currentId(work.path(), 'tried');
    copyFileSync(work.path('build/tried/current/disk.img'), disk());
    write('two\n', 'systemd-run --on-active=20 poweroff');
    await task('install', '--onto', disk());
    const second = currentId(work.path(), 'tried');
    expect(second).to.not.equal(first);
    const console = await boot(/^no such line$/);
    expect(released(console), console.join('\n')).to.deep.equal([second]);
    expect(await listed())
      .to.contain(`${second} current`)
      .and.contain(`${first} previous`);
  });

  it('goes back by itself where the commands of its health fail', async () => {
    const before = await listed();
    const [, current = ''] = /([0-9a-f]{16}) current/.exec(before) ?? [];
    write('three\n', 'false');
    await task('install', '--onto', disk());
    const third = currentId(work.path(), 'tried');
    const console = await boot(new RegExp(`root mounted: release ${current},`));
    expect(released(console), console.join('\n')).to.deep.equal([third, current]);
    expect(await listed()).to.contain(`${current} current`);
  });
});

describe('a machine whose new release has a Docker that never comes up', () => {
  const { work, disk, task, listed, boot, released } = machine();

  it('goes back by itself, after as many tries as it gets', async () => {
    mkdirSync(work.path('overlay/etc/systemd/system/docker.service.d'), { recursive: true });
    writeFileSync(
      work.path('dock0.yaml'),
      'include: default\nname: tried\ninstall: {tries: 2}\nhealth: {timeout: 20}\noverlay: ./overlay\n',
    );
    await task('install');
    const first = currentId(work.path(), 'tried');
    copyFileSync(work.path('build/tried/current/disk.img'), disk());
    writeFileSync(
      work.path('overlay/etc/systemd/system/docker.service.d/broken.conf'),
      '[Service]\nExecStart=\nExecStart=/bin/false\n',
    );
    await task('install', '--onto', disk());
    const second = currentId(work.path(), 'tried');
    const console = await boot(new RegExp(`root mounted: release ${first},`));
    expect(released(console), console.join('\n')).to.deep.equal([second, second, first]);
    expect(await listed()).to.contain(`${first} current`);
  });
});
