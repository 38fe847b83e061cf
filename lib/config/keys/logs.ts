import { choice, key, section, size, whole, yesNo } from './kinds';

/** What the machine writes down, and how much of it. */
export const logs = {
  logs: section('Logs of the machine and of its containers', {
    persistent: key(
      yesNo(),
      'whether the journal is kept with the state of the machine; otherwise it is in memory',
      false,
    ),
    size: key(size(), 'the most that the journal takes', '64M'),
    containers: section("Logs of a container, by Docker's driver local", {
      size: key(size(), 'the most that a file takes', '10M'),
      files: key(whole('a number of files, 1 to 100', 1, 100), 'how many files are kept', 5),
    }),
  }),
  prune: key(
    choice('none', 'daily', 'weekly'),
    'how often Docker removes images that no container uses, and build caches, both older than a week',
    'none',
  ),
};
