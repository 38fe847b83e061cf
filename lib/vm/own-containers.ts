import { join } from 'node:path';
import type { Config } from '../config/schema';
import type { RunFiles } from './initrd';

/** What a check of a container of the configuration is called, in front of its name. */
const PREFIX = 'runs:';

/** The checks that containers run, by their names. */
export function ownChecks(containers: readonly string[]): string[] {
  return containers.map((name) => `${PREFIX}${name}`);
}

/** Such a check in words; undefined for another one. */
export function ownTitle(check: string): string | undefined {
  return check.startsWith(PREFIX) ? `the container ${check.slice(PREFIX.length)} runs` : undefined;
}

/** What the agent in the guest needs for them. @param folder where its files are */
export function ownFiles({ containers }: Pick<Config, 'containers'>, folder: string): RunFiles {
  const lines = Object.entries(containers).map(([name, { restart }]) => `${name} ${restart}\n`);
  return {
    'dock0-vm/own-containers': { source: join(folder, 'own-containers') },
    'dock0-vm/own-containers.list': { text: lines.join('') },
  };
}
