import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { expect } from 'chai';
import { PROJECT } from '../helpers/gulp';

/** The rooms of lib, the highest tier first; the two at the end are single files. */
const TIERS: readonly (readonly string[])[] = [
  ['session'],
  ['vm', 'report', 'import'],
  ['install'],
  ['kernel', 'initramfs'],
  ['distributions'],
  ['release', 'root'],
  ['streams'],
  ['build.ts'],
  ['engine'],
  ['config'],
  ['system'],
  ['json.ts', 'error.ts'],
];

interface Arrow {
  from: string;
  to: string;
}

describe('the house', () => {
  const arrows = [...sourcesIn('lib'), ...sourcesIn('tasks')].flatMap(importsOf);

  it('has every room of lib in one tier', () => {
    expect(TIERS.flat().sort()).to.deep.equal(readdirSync(join(PROJECT, 'lib')).sort());
  });

  it('has no arrow from lib to tasks, nor to the gulpfile', () => {
    const wrong = arrows.filter(({ from, to }) => from.startsWith('lib/') && !to.startsWith('lib/'));
    expect(wrong.map(shown)).to.deep.equal([]);
  });

  it('has arrows between the rooms of lib that go down only', () => {
    const wrong = arrows.filter(({ from, to }) => {
      if (!from.startsWith('lib/') || roomOf(from) === roomOf(to)) return false;
      return tierOf(from) >= tierOf(to);
    });
    expect(wrong.map(shown)).to.deep.equal([]);
  });

  it('starts processes and mounts in one room only', () => {
    const wrong = sourcesIn('lib')
      .filter((file) => !file.startsWith('lib/system/'))
      .filter((file) =>
        /^import (?!type\b).* from '(node:child_process|execa)'/m.test(
          readFileSync(join(PROJECT, file), 'utf8'),
        ),
      );
    expect(wrong).to.deep.equal([]);
  });
});

function sourcesIn(folder: string): string[] {
  return readdirSync(join(PROJECT, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => join(folder, name))
    .sort();
}

function importsOf(from: string): Arrow[] {
  const text = readFileSync(join(PROJECT, from), 'utf8').replace(/\/\*[\s\S]*?\*\//g, '');
  return [...text.matchAll(/(?:from|import\()\s*'(\.[^']*)'/g)].map(([, specifier = '']) => {
    const path = join(dirname(join(PROJECT, from)), specifier);
    const file = [`${path}.ts`, join(path, 'index.ts')].find((candidate) => existsSync(candidate));
    if (file === undefined) throw new Error(`${from} imports ${specifier}, which does not exist`);
    return { from, to: relative(PROJECT, file) };
  });
}

function roomOf(file: string): string {
  return file.split('/')[1] as string;
}

function tierOf(file: string): number {
  return TIERS.findIndex((rooms) => rooms.includes(roomOf(file)));
}

function shown({ from, to }: Arrow): string {
  return `${from} -> ${to}`;
}
