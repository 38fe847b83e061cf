import { expect } from 'chai';
import type { Step } from '../../../lib/engine/step';
import { engineWorld } from '../../helpers/engine-world';

describe('the engine, given what is no whole step', () => {
  const { folder, make } = engineWorld();
  const step = (name: string, more: object = {}): Step => ({
    ...{ name, description: 'Does nothing', version: 1, run: async () => ({}) },
    ...more,
  });
  const refusal = async (wrong: unknown): Promise<string> =>
    make(wrong as Step).then(
      () => 'made',
      (error) => error.message,
    );

  for (const [what, wrong, message] of [
    ['no name', () => ({ run: async () => ({}) }), 'a step is no step: it has no name'],
    ['no run', () => step('lazy', { run: undefined }), 'the step lazy has no function `run`'],
    [
      'a need that is undefined',
      () => step('whole', { needs: () => ({ part: undefined }) }),
      'a step that whole needs is undefined',
    ],
    [
      'a need without run',
      () => step('whole', { needs: () => ({ part: { name: 'part' } }) }),
      'the step part that whole needs has no function `run`',
    ],
    [
      'a file without a path',
      () => step('reads', { inputs: () => ({ files: [{ name: 'list' }] }) }),
      'reads: the file "list" of its inputs has no absolute path',
    ],
    [
      'a file with a relative path',
      () => step('reads', { inputs: () => ({ files: [{ name: 'list', path: 'list.txt' }] }) }),
      'reads: the file "list" of its inputs has no absolute path',
    ],
    [
      'a file without a name',
      () => step('reads', { inputs: () => ({ files: [{ path: folder.path('in') }] }) }),
      'reads: a file of its inputs has no name',
    ],
  ] as const)
    it(`names ${what}`, async () => expect(await refusal(wrong())).to.equal(message));

  it('names steps that need each other, in their order', async () => {
    const steps: Record<string, Step> = {};
    for (const [name, need] of [
      ['first', 'second'],
      ['second', 'third'],
      ['third', 'second'],
      ['self', 'self'],
    ] as const)
      steps[name] = step(name, { needs: () => ({ need: steps[need] }) });
    expect(await refusal(steps.first)).to.equal('steps need each other: second -> third -> second');
    expect(await refusal(steps.self)).to.equal('steps need each other: self -> self');
  });
});
