import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Build } from '../../lib/engine/build';
import { createEngine, type Engine } from '../../lib/engine/engine';
import type { BuildEvent } from '../../lib/engine/events';
import type { Step } from '../../lib/engine/step';
import { openStore } from '../../lib/engine/store/local';
import { testFolder } from './folder';

/** Two steps, one of which needs the other, and an engine that makes them; anew for each test of a suite. */
export function engineWorld() {
  const folder = testFolder();
  const events: BuildEvent[] = [];
  const runs: string[] = [];
  /** Forgets what happened until now. */
  const forget = (): void => {
    events.length = 0;
    runs.length = 0;
  };
  const value = { text: 'one' };

  const source: Step = {
    name: 'source',
    description: 'Copies the input',
    version: 1,
    inputs: () => ({ values: { text: value.text }, files: [{ name: 'in', path: folder.path('in') }] }),
    run: async ({ out }) => {
      runs.push('source');
      writeFileSync(join(out, 'copy'), readFileSync(folder.path('in/file')));
      return { length: value.text.length };
    },
  };
  const product: Step<'source'> = {
    name: 'product',
    description: 'Doubles the copy',
    version: 1,
    needs: () => ({ source }),
    run: async ({ out, needs }) => {
      runs.push('product');
      const copy = readFileSync(join(needs.source.path, 'copy'), 'utf8');
      writeFileSync(join(out, 'double'), copy + copy);
      return {};
    },
  };

  function open(force: string[] = []): { engine: Engine; build: Build } {
    const engine = createEngine({ cache: folder.path('cache'), emit: (event) => events.push(event), force });
    const build = engine.build({
      name: 'test',
      host: undefined,
      output: folder.path('build'),
    });
    return { engine, build };
  }

  async function make(step: Step = product, force: string[] = []): Promise<string> {
    forget();
    const { engine, build } = open(force);
    try {
      return (await build.make(step)).path;
    } finally {
      await engine.settled();
    }
  }

  const stored = (step: string): string | undefined =>
    openStore(folder.path('cache'))
      .list()
      .find(({ entry }) => entry.step === step)?.entry.made;
  const reasons = (step: string): string[] =>
    events.flatMap((event) => (event.type === 'start' && event.step === step ? event.reasons : []));

  beforeEach(() => {
    value.text = 'one';
    mkdirSync(folder.path('in'));
    writeFileSync(folder.path('in/file'), 'abc');
  });

  return { folder, events, runs, value, source, product, open, make, forget, stored, reasons };
}
