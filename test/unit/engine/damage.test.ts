import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { expect } from 'chai';
import { createEngine } from '../../../lib/engine/engine';
import type { BuildEvent } from '../../../lib/engine/events';
import type { Step } from '../../../lib/engine/step';
import { damage } from '../../helpers/damage';
import { testFolder } from '../../helpers/folder';
import { storedArtifacts } from '../../helpers/store';

describe('an artifact that is damaged, with the time of its last change restored,', () => {
  const folder = testFolder();
  let events: BuildEvent[] = [];
  let disturbed: 'meanwhile' | 'in use' | undefined;
  const artifact = (): string => join(storedArtifacts(folder.path('cache'), 'source')[0] ?? '', 'file');

  const source: Step = {
    name: 'source',
    description: 'Makes a file',
    version: 1,
    run: async ({ out }) => {
      writeFileSync(join(out, 'file'), 'abc');
      return {};
    },
  };
  const other: Step = {
    name: 'other',
    description: 'Takes its time',
    version: 1,
    run: async () => {
      await pause(200);
      if (disturbed === 'meanwhile') await damage(artifact());
      return {};
    },
  };
  const product: Step<'source' | 'other'> = {
    name: 'product',
    description: 'Copies the file',
    version: 1,
    needs: () => ({ source, other }),
    run: async ({ out, needs }) => {
      if (disturbed === 'in use') await damage(artifact());
      writeFileSync(join(out, 'copy'), readFileSync(join(needs.source.path, 'file')));
      return {};
    },
  };

  const make = async (force: string[] = []): Promise<string> => {
    events = [];
    const engine = createEngine({ cache: folder.path('cache'), emit: (event) => events.push(event), force });
    const build = engine.build({ name: 'test', host: undefined, output: folder.path('build') });
    try {
      return readFileSync(join((await build.make(product)).path, 'copy'), 'utf8');
    } finally {
      await engine.settled();
    }
  };
  const ran = (): string[] => events.flatMap((event) => (event.type === 'done' ? [event.step] : []));

  beforeEach(() => {
    disturbed = undefined;
  });

  it('before the build is made again', async () => {
    await make();
    await damage(artifact());
    expect(await make(['product'])).to.equal('abc');
    expect(ran()).to.deep.equal(['source', 'product']);
  });

  for (const moment of ['meanwhile', 'in use'] as const) {
    it(`between its check and its use (${moment}) fails the step in a line; the next build makes it again`, async () => {
      disturbed = moment;
      const error = await make().catch((thrown) => thrown);
      expect(String(error)).to.match(
        /^product: source was damaged in the cache meanwhile: file has other content than when it was made\n {2}Nothing was kept\. Build again: /,
      );
      disturbed = undefined;
      expect(await make()).to.equal('abc');
      expect(ran()).to.include.members(['source', 'product']);
    });
  }

  it('and made good again while it is used is taken for what it is', async () => {
    const quiet = product.run;
    product.run = async (context) => {
      await damage(artifact());
      await damage(artifact());
      return quiet(context);
    };
    try {
      expect(await make()).to.equal('abc');
    } finally {
      product.run = quiet;
    }
  });
});
