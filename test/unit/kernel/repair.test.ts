import { existsSync, mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect } from 'chai';
import { repairObjects, unfinishedMark } from '../../../lib/kernel/repair';

describe('the repair of an object tree', () => {
  let objects: string;
  beforeEach(() => {
    objects = mkdtempSync(join(tmpdir(), 'dock0-objects-'));
    left('last', 0);
  });
  afterEach(() => rmSync(objects, { recursive: true }));

  /** A file as it was left so many seconds before make was killed. */
  const left = (path: string, secondsBefore: number, text = 'x'): void => {
    const file = join(objects, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
    const time = 1_700_000_000 - secondsBefore;
    utimesSync(file, time, time);
  };
  const there = (path: string): boolean => existsSync(join(objects, path));
  const RECORD =
    'cmd_a.o := gcc\n\nsource_a.o := a.c\n\ndeps_a.o := \\\n  a.h \\\n\na.o: $(deps_a.o)\n\n$(deps_a.o):\n';

  it('keeps what was made and recorded', () => {
    left('a.o', 100);
    left('.a.o.cmd', 99, RECORD);
    left('.built-in.a.cmd', 90, 'cmd_built-in.a := ar\n');
    left('generated.h', 80);
    repairObjects(objects);
    expect(['a.o', '.a.o.cmd', '.built-in.a.cmd', 'generated.h'].every(there)).to.equal(true);
  });

  it('removes an object that is newer than its record: it was unfinished', () => {
    left('a.o', 50);
    left('.a.o.cmd', 99, RECORD);
    expect(repairObjects(objects)).to.equal(2);
    expect(there('a.o')).to.equal(false);
  });

  it('removes an object whose record is cut, and the record', () => {
    left('a.o', 100);
    left('.a.o.cmd', 99, RECORD.slice(0, 60));
    left('b.o', 100);
    left('.b.o.cmd', 99, 'cmd_b.o := gcc -c');
    repairObjects(objects);
    expect(['a.o', '.a.o.cmd', 'b.o', '.b.o.cmd'].some(there)).to.equal(false);
  });

  it('removes what was written in the last moments, but not what kbuild writes whole', () => {
    left('table.h', 1);
    left('.config', 0);
    left('include/config/auto.conf', 0);
    left('include/generated/autoconf.h', 1);
    repairObjects(objects);
    expect(there('table.h')).to.equal(false);
    expect(['.config', 'include/config/auto.conf', 'include/generated/autoconf.h'].every(there)).to.equal(
      true,
    );
  });

  it('finds the last moments by what make wrote, not by what a look at the configuration wrote since', () => {
    left('table.h', 2);
    left('Makefile', -600);
    left('.gitignore', -600);
    left('scripts/kconfig/mconf', -600);
    repairObjects(objects);
    expect(there('table.h')).to.equal(false);
    expect(['Makefile', '.gitignore', 'scripts/kconfig/mconf'].every(there)).to.equal(true);
  });

  it('is called for by a mark that lies there from the start of make to its end', () => {
    unfinishedMark(objects).set();
    expect(unfinishedMark(objects).there).to.equal(true);
    unfinishedMark(objects).clear();
    expect(unfinishedMark(objects).there).to.equal(false);
  });
});
