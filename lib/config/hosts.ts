import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Place } from './node';
import { namesIn } from './paths';
import { meant, type Problems } from './problems';
import { didYouMean } from './suggest';

/**
 * Finds the file of a host: `configs/hosts/NAME.yaml` in the working directory, else that or `hosts/NAME.yaml` next to
 * a configuration file, the last one first.
 *
 * @param files the configuration files, absolute
 * @returns undefined when there is none; the problem lists those that exist
 */
export function hostFile(
  name: string,
  cwd: string,
  files: readonly string[],
  problems: Problems,
): string | undefined {
  const beside = [...files].reverse().map((file) => dirname(file));
  const folders = [
    join(cwd, 'configs', 'hosts'),
    ...beside.flatMap((folder) => [join(folder, 'configs', 'hosts'), join(folder, 'hosts')]),
  ];
  const valid = /^[a-z0-9][a-z0-9-]*$/.test(name);
  const path = folders
    .map((folder) => join(folder, `${name}.yaml`))
    .find((file) => valid && existsSync(file));
  if (path !== undefined) return path;
  const names = [...new Set(folders.flatMap((folder) => namesIn(folder, '.yaml')))].sort();
  const there = names.length === 0 ? 'there are none' : `there are: ${names.join(', ')}`;
  problems.add(
    flagPlace('--host', name, cwd),
    [],
    valid
      ? `no such host in configs/hosts; ${there}${meant(didYouMean(name, names))}`
      : 'expected a name of lower-case letters, digits and -',
  );
  problems.broken = true;
  return undefined;
}

/** A flag as the place of a problem. */
export function flagPlace(flag: string, value: string, cwd: string): Place {
  return { source: { name: `${flag} ${value}`, folder: cwd, lines: false }, line: 1, column: 1 };
}

/** Hosts with the same name would share an output folder. */
export function checkNames(
  hosts: readonly { name: string; config: { name: string } }[],
  problems: Problems,
  cwd: string,
): void {
  const owners = new Map<string, string>();
  for (const { name, config } of hosts) {
    const other = owners.get(config.name);
    if (other !== undefined) {
      const message = `expected a unique name, found ${JSON.stringify(config.name)}, which host ${other} has too`;
      problems.add(flagPlace('--host', name, cwd), ['name'], message);
    }
    owners.set(config.name, name);
  }
}
