import { expect } from 'chai';
import type { BuildContext, BuildStep } from '../../../lib/build';
import { checkSteps } from '../../../lib/session/steps';
import { stepTask } from '../../../lib/session/task';
import { TASKS } from '../../../tasks';

describe('the steps of a gulpfile', () => {
  const step = (name: string): BuildStep => ({
    ...{ name, description: 'Does nothing', version: 1 },
    run: async () => ({}),
  });
  const check = (steps: Record<string, BuildStep>, forced: string[] = []): void => {
    const tasks = Object.entries(steps).map(([task, each]) => [task, stepTask(each)]);
    checkSteps({ steps: Object.fromEntries(tasks), commands: {} }, {} as BuildContext, forced);
  };

  it('may be named by whoever writes them', () => {
    for (const name of ['scan', 'scan:all', 'a.b_c-1']) check({ task: step(name) });
    const { squash, images, ...steps } = TASKS.steps;
    checkSteps({ steps, commands: {} }, {} as BuildContext, ['customize', 'host']);
  });

  it('have names that can be names of files', () => {
    for (const name of ['', '../../slash', 'a/b', '.hidden', 'a b', 'a:b:c'])
      expect(() => check({ task: step(name) }), name).to.throw(`the task task has a step named "${name}"`);
  });

  it('have names of their own; one step may be in two tasks', () => {
    expect(() => check({ one: step('dup'), two: step('dup') })).to.throw('two steps are named "dup"');
    const same = step('same');
    check({ one: same, two: same });
  });

  it('can be forced by a name that one of them has, or the first part of it', () => {
    check({ one: step('scan:all') }, ['scan', 'scan:all']);
    expect(() => check({ one: step('scan') }, ['sacn'])).to.throw(
      '--force sacn: no step is named so; did you mean scan?',
    );
  });
});
