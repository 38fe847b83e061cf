import { expect } from 'chai';
import { type FlagName, flagDescriptions } from '../../../lib/config/flags';
import { type TreeNode, unreadFlags } from '../../../lib/session/flags';
import type { CommandTask } from '../../../lib/session/task';
import { taskSet } from '../../../lib/session/task-set';
import { TASKS } from '../../../tasks';

const leaf = (label: string): TreeNode => ({ label, nodes: [] });
const ours = [...Object.keys(TASKS.steps), ...Object.keys(TASKS.commands)].map(leaf);
const series = (...names: string[]): TreeNode => ({ label: '<series>', nodes: names.map(leaf) });
const tree: TreeNode[] = [
  ...ours,
  { label: 'build', nodes: [{ label: '<series>', nodes: [series('rootfs', 'kernel'), leaf('install')] }] },
  { label: 'default', nodes: [series('rootfs', 'kernel', 'install')] },
  { label: 'mine', nodes: [series('build-and-boot', 'install')] },
  leaf('build-and-boot'),
];
const unread = (tasks: string[], ...flags: FlagName[]): string[] =>
  unreadFlags({ tasks, flags }, tree, TASKS);

describe('flags that no task of the command reads', () => {
  it('are told with the tasks that read them', () => {
    expect(unread(['kernel'], '--via', '--yes')).to.deep.equal([
      '--via: has no effect: no task of this command reads it; verify and boot do',
      '--yes: has no effect: no task of this command reads it; setup does',
    ]);
    expect(unread(['squash'], '--onto')).to.deep.equal([
      '--onto: has no effect: no task of this command reads it; install, releases, and rollback do',
    ]);
    expect(unread(['build'], '--release')).to.have.length(1);
    expect(unread([], '--release')).to.have.length(1);
  });

  it('are none when one of several tasks reads them, or one that another is composed of', () => {
    expect(unread(['kernel', 'boot'], '--via')).to.deep.equal([]);
    expect(unread(['build'], '--onto')).to.deep.equal([]);
    expect(unread([], '--onto')).to.deep.equal([]);
  });

  it("are none beside a task of the gulpfile's own, which may run others", () => {
    for (const tasks of [['build-and-boot'], ['mine'], ['kernel', 'build-and-boot'], ['unknown']])
      expect(unread(tasks, '--via')).to.deep.equal([]);
  });

  it('are never those of the configuration and of the build', () => {
    const known = [...Object.values(TASKS.steps), ...Object.values(TASKS.commands)].flatMap(
      (task): readonly string[] => ('flags' in task ? task.flags : []),
    );
    for (const flag of Object.keys(flagDescriptions) as FlagName[])
      expect(unread(['outdated'], flag), flag).to.have.length(
        known.includes(flag) && flag !== '--dry-run' ? 1 : 0,
      );
  });
});

describe('--dry-run', () => {
  it('leaves out a command that does something and does not read it, and no other', async function () {
    this.timeout(60_000);
    const ran: string[] = [];
    const command = (name: string, more: Partial<CommandTask> = {}): CommandTask => ({
      description: 'Notes that it ran',
      run: async () => void ran.push(name),
      ...more,
    });
    const commands = {
      acts: command('acts'),
      looks: command('looks', { looks: true }),
      reads: command('reads', { flags: ['--dry-run'] }),
    };
    for (const task of Object.values(taskSet({}, commands, { argv: ['--dry-run'] }))) await task();
    expect(ran).to.deep.equal(['looks', 'reads']);
    await taskSet({}, commands, { argv: [] }).acts();
    expect(ran).to.deep.equal(['looks', 'reads', 'acts']);
  });

  it('is for the tasks that start a machine or change a disk, too', () => {
    const commands: Record<string, CommandTask> = TASKS.commands;
    for (const name of ['verify', 'boot', 'rollback', 'kernel:menuconfig'])
      expect(commands[name]?.looks, name).to.equal(undefined);
  });
});
