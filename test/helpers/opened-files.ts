import fs from 'node:fs';

/** Counts the files that are opened in each test: how many were read. */
export function openedFiles(): { count: number } {
  const opened = { count: 0 };
  const { openSync: open } = fs;
  beforeEach(() => {
    opened.count = 0;
    fs.openSync = ((...args: Parameters<typeof open>) => {
      opened.count++;
      return open(...args);
    }) as typeof open;
  });
  afterEach(() => {
    fs.openSync = open;
  });
  return opened;
}
