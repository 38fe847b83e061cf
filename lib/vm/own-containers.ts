import { join } from 'node:path';
import type { Config } from '../config/schema';
import type { RunFiles } from './initrd';
import type { Row } from './verify-report';

/** The checks that the containers of the configuration run. */
export function ownRows({ containers }: { containers: Readonly<Record<string, unknown>> }): Row[] {
  return Object.keys(containers).map((name) => ({
    name: `runs:${name}`,
    title: `the container ${name} runs`,
  }));
}

/** What the agent in the guest needs for them. @param folder where its files are */
export function ownFiles({ containers }: Pick<Config, 'containers'>, folder: string): RunFiles {
  const lines = Object.entries(containers).map(([name, { restart }]) => `${name} ${restart}\n`);
  return {
    'dock0-vm/own-containers': { source: join(folder, 'own-containers') },
    'dock0-vm/own-containers.list': { text: lines.join('') },
  };
}
