import { existsSync, mkdirSync, readdirSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect } from 'chai';
import { watchSource } from '../../../lib/kernel/unseen';
import { testFolder } from '../../helpers/folder';

const OLD = new Date('2020-01-01');
const MADE = new Date('2021-01-01');
const LATER = new Date('2022-01-01');

describe('what make would not see of a changed source', () => {
  const at = testFolder();
  let source: Map<string, string>;
  let logged: string[];

  beforeEach(() => {
    source = new Map();
    logged = [];
    for (const path of ['mm/memory.c', 'mm/swap.c', 'lib/cpu.h', 'lib/table.awk', 'tools/check.c', 'README'])
      edit(path, 'first', OLD);
    // As kbuild records them, from the source itself and, by ccache, from where the objects are.
    object('mm/memory.o', [at.path('source/mm/memory.c'), at.path('source/lib/cpu.h')]);
    object('mm/swap.o', ['../source/mm/swap.c']);
  });

  const edit = (path: string, digest: string, time: Date): void => {
    const file = at.path(`source/${path}`);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, digest);
    utimesSync(file, time, time);
    source.set(path, digest);
  };
  const object = (path: string, parts: string[]): void => {
    const file = at.path(`objects/${path}`);
    const record = join(dirname(file), `.${path.split('/').at(-1)}.cmd`);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, 'x');
    writeFileSync(
      record,
      `cmd_${path} := gcc -c\n\ndeps_${path} := \\\n${parts.map((part) => `  ${part} \\\n`).join('')}`,
    );
    for (const made of [file, record]) utimesSync(made, MADE, MADE);
  };
  const watch = async (): Promise<{ end: () => void }> =>
    watchSource(
      {
        objects: at.path('objects'),
        tree: { path: at.path('source'), key: 'k', epoch: 0, contents: () => new Map(source) },
      },
      (line) => logged.push(line),
    );
  const build = async (): Promise<string[]> => {
    (await watch()).end();
    return existsSync(at.path('objects/mm'))
      ? readdirSync(at.path('objects/mm')).filter((name) => name.endsWith('.o'))
      : [];
  };
  /** The objects are those of the source as it is. */
  const know = async (): Promise<void> => {
    const tree = at.path('objects');
    writeFileSync(`${tree}.contents`, JSON.stringify(Object.fromEntries(source)));
  };

  it('is nothing while nothing changed', async () => {
    await know();
    expect(await build()).to.deep.equal(['memory.o', 'swap.o']);
  });

  it('is no file with a new time: make sees that one', async () => {
    await know();
    edit('mm/memory.c', 'second', LATER);
    expect(await build()).to.deep.equal(['memory.o', 'swap.o']);
  });

  it('is a file with an old time: its objects go, and no others', async () => {
    await know();
    edit('mm/swap.c', 'second', OLD);
    expect(await build()).to.deep.equal(['memory.o']);
    object('mm/swap.o', ['../source/mm/swap.c']);
    edit('lib/cpu.h', 'second', OLD);
    expect(await build()).to.deep.equal(['swap.o']);
    expect(logged).to.deep.equal([]);
  });

  it('is all of it when nothing says what is made of the file', async () => {
    await know();
    for (const path of ['lib/table.awk', 'tools/check.c']) {
      object('mm/memory.o', []);
      edit(path, `${path} again`, OLD);
      expect(await build(), path).to.deep.equal([]);
    }
    expect(logged.join()).to.contain('all of it is compiled again');
  });

  it('is all of it when nobody knows what the objects are made of', async () => {
    expect(await build()).to.deep.equal([]);
  });

  it('is what changed while make ran', async () => {
    await know();
    const running = await watch();
    edit('mm/swap.c', 'second', OLD);
    running.end();
    edit('mm/swap.c', 'first', OLD);
    expect(await build()).to.deep.equal(['memory.o']);
  });
});
