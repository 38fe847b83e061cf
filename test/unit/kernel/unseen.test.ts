import { existsSync, mkdirSync, readdirSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { expect } from 'chai';
import { dropUnseen } from '../../../lib/kernel/unseen';
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
    for (const path of ['mm/memory.c', 'mm/swap.c', 'lib/cpu.h']) edit(path, 'first', OLD);
    for (const path of ['mm/memory.o', 'mm/swap.o']) object(path);
  });

  const edit = (path: string, digest: string, time: Date): void => {
    const file = at.path(`source/${path}`);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, digest);
    utimesSync(file, time, time);
    source.set(path, digest);
  };
  const object = (path: string): void => {
    const file = at.path(`objects/${path}`);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, 'x');
    utimesSync(file, MADE, MADE);
  };
  const watch = (): Promise<() => void> =>
    dropUnseen(
      {
        objects: at.path('objects'),
        tree: { path: at.path('source'), key: 'k', epoch: 0, contents: () => new Map(source) },
      },
      (line) => logged.push(line),
    );
  const build = async (): Promise<string[]> => {
    (await watch())();
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

  it('is a file with an old time: all objects go, and that is said', async () => {
    await know();
    edit('lib/cpu.h', 'second', OLD);
    expect(await build()).to.deep.equal([]);
    expect(logged.join()).to.contain('compiling all of it again');
  });

  it('is everything when nothing tells what the objects were made of', async () => {
    expect(await build()).to.deep.equal([]);
  });

  it('is what changed while make ran', async () => {
    await know();
    const running = await watch();
    edit('mm/swap.c', 'second', OLD);
    running();
    edit('mm/swap.c', 'first', OLD);
    expect(await build()).to.deep.equal([]);
  });
});
