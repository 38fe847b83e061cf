import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { dock0 } from '../../../tasks';
import { stepsThatRan } from '../gulp';
import type { Project } from './project';

/** What a build came to. */
export interface Built {
  ran: string[];
  sums: string;
  error: string | undefined;
}

/** Builds in this process, with the project's environment, umask and clock. */
export async function build(folder: string, project: Project, cache: 'warm' | 'cold'): Promise<Built> {
  const { install } = dock0({
    config: [join(folder, 'dock0.yaml')],
    cache: join(folder, cache, 'cache'),
    output: join(folder, cache, 'build'),
    argv: [],
  });
  const world = {
    env: process.env,
    now: Date.now,
    umask: process.umask(project.umask),
    out: process.stdout.write,
  };
  let output = '';
  process.env = { ...world.env, ...project.env };
  Date.now = () => world.now() + project.clock * 1000;
  process.stdout.write = (text: string | Uint8Array) => {
    output += String(text);
    return true;
  };
  let error: string | undefined;
  try {
    await install();
  } catch (thrown) {
    error = (thrown as Error).message.replaceAll(join(folder, cache), '');
  } finally {
    process.stdout.write = world.out;
    Date.now = world.now;
    process.env = world.env;
    process.umask(world.umask);
  }
  const sums = join(folder, cache, 'build/tiny/current/SHA256SUMS');
  return { ran: stepsThatRan(output), sums: error === undefined ? readFileSync(sums, 'utf8') : '', error };
}
