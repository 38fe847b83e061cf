import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { expect } from 'chai';
import { workFolder } from '../helpers/gulp';
import { tinyHost } from '../helpers/tiny-host';

/** What a file of JSON may have become. */
const JUNK = ['', 'null', '{}', '[]', '1', '"x"', '{"format":3', '[null]', '{"version":1,"entries":null}'];

/** The same keys, and below them values of other kinds; what tells the form stays. */
function otherValues(text: string): string {
  return JSON.stringify(JSON.parse(text), (key, value) => {
    if (Array.isArray(value)) return key === '' ? value : 5;
    if (typeof value === 'string') return { was: null };
    return typeof value === 'number' && !['version', 'format'].includes(key) ? 'a text' : value;
  });
}

describe('a file that the cache keeps of what it knows', function () {
  this.timeout(300_000);
  const work = workFolder();
  const host = tinyHost(() => work.path());

  const kept = (): string[] =>
    readdirSync(work.path('cache'), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && entry.name.endsWith('.json'))
      .map((entry) => join(entry.parentPath, entry.name));
  const succeed = async (...args: string[]): Promise<void> => {
    const { code, output } = await host.task(args);
    expect(code, output).to.equal(0);
  };

  it('is made again, whatever it became, and the release is the same', async () => {
    host.configure({});
    await succeed('install');
    const id = host.id();
    const names = new Set(kept().map((file) => basename(file)));
    expect([...names]).to.include.members(['tools.json', 'hashes.json', 'artifact.json', 'content.json']);
    const harm = async (files: readonly string[], text: string): Promise<void> => {
      for (const file of files) writeFileSync(file, text);
      await succeed('install');
      expect(host.id()).to.equal(id);
    };
    for (const text of JUNK) {
      await harm(kept(), text);
    }
    for (const name of names)
      await harm(
        kept().filter((file) => basename(file) === name),
        '{}',
      );
    for (const args of [['gc'], ['install', '--dry-run']]) {
      for (const file of kept()) writeFileSync(file, 'null');
      await succeed(...args);
    }
  });

  it('is made again where it is of the right form with other values, and the release is the same', async () => {
    host.configure({});
    await succeed('install');
    const id = host.id();
    for (const file of kept()) writeFileSync(file, otherValues(readFileSync(file, 'utf8')));
    await succeed('install', '--explain');
    expect(host.id()).to.equal(id);
  });
});
