import { join } from 'node:path';
import { readCompose } from '../config/compose';
import type { Config } from '../config/schema';
import type { RunFiles } from './initrd';
import type { Row } from './verify-report';

/** What the configuration has that runs in Docker: its containers, and the services of its file of Compose. */
interface Own {
  containers: Readonly<Record<string, { restart: string }>>;
  compose?: Config['compose'];
}

/** The checks that they run. */
export function ownRows(own: Own): Row[] {
  return allOf(own).map(({ row, kind, name }) => ({
    name: row,
    title: kind === 'container' ? `the container ${name} runs` : `the service ${name} of Compose runs`,
  }));
}

/** What the agent in the guest needs for them. @param folder where its files are */
export function ownFiles(own: Own, folder: string): RunFiles {
  const lines = allOf(own).map(({ row, kind, name, restart }) => `${row} ${kind} ${name} ${restart}\n`);
  return {
    'dock0-vm/own-containers': { source: join(folder, 'own-containers') },
    'dock0-vm/own-containers.list': { text: lines.join('') },
  };
}

function allOf({ containers, compose }: Own) {
  const services = compose === undefined ? [] : readCompose(compose).services;
  return [
    ...Object.entries(containers).map(([name, { restart }]) => ({
      row: `runs:${name}`,
      kind: 'container' as const,
      name,
      restart,
    })),
    ...services.map(({ name, restart }) => ({
      row: `service:${name}`,
      kind: 'service' as const,
      name,
      restart,
    })),
  ];
}
