import { join } from 'node:path';
import type { BuildContext } from '../build';
import { distributionOf, hostDistribution } from '../distributions';
import type { Distribution } from '../distributions/provider';
import { openToolVersions } from '../engine/tool-versions';
import { Dock0Error } from '../error';
import { table } from '../report/format';
import { locateTool, type NeededTool, neededTools, packageOf } from './host-tools';
import type { Session } from './task';

/** The tools that the configurations of a session need: the shared one's, and those of its hosts. */
export function toolsOf({
  tasks,
  builds,
  base,
}: Pick<Session, 'tasks' | 'builds' | 'base'>): Promise<NeededTool[]> {
  const contexts = builds.map(({ context }): BuildContext => context);
  return neededTools(
    tasks,
    ...contexts.slice(0, 1).map((first) => ({ ...first, config: base })),
    ...contexts,
  );
}

/** The distribution of the build host; undefined when it is none that is known. */
export async function hostPackages(): Promise<Distribution | undefined> {
  const distribution = hostDistribution();
  return distribution === undefined ? undefined : distributionOf({ distribution });
}

/**
 * The host's tools that the configuration needs, as a table: version, which tasks need it, how to install it.
 *
 * @returns the lines of the table, and the names of the missing tools that nothing works without
 */
export async function toolReport(session: Session): Promise<{ text: string; missing: string[] }> {
  const versions = openToolVersions(join(session.cache, 'tools.json'));
  const host = await hostPackages();
  const rows: string[][] = [['tool', 'version', 'needed by', 'how to install it']];
  const missing: string[] = [];
  for (const tool of await toolsOf(session)) {
    const found = locateTool(tool);
    if (found === undefined && !tool.optional) missing.push(tool.name);
    const absent = tool.optional ? 'not installed' : 'missing';
    const version =
      found === undefined ? absent : tool.files === undefined ? await versions.version(tool.name) : 'found';
    rows.push([tool.name, version, tool.neededBy.join(', '), found === undefined ? howTo(tool, host) : '']);
  }
  if (isRoot()) versions.save();
  const root = isRoot() ? 'yes' : 'no; building needs it, for mounts, owners and device nodes';
  return { text: `${table(rows)}\nroot: ${root}\n`, missing };
}

/** @throws Dock0Error naming the tools that are missing, so that scripts can rely on the exit code */
export function requireTools(missing: readonly string[]): void {
  if (missing.length === 0) return;
  throw new Dock0Error(`missing: ${missing.join(', ')}`, { hint: '`gulp setup` installs what is missing.' });
}

export function isRoot(): boolean {
  return process.getuid?.() === 0;
}

function howTo(tool: NeededTool, host: Distribution | undefined): string {
  const name = host === undefined ? undefined : packageOf(tool, host);
  return name === undefined
    ? 'no package of this host is known to have it'
    : `gulp setup, or the package ${name}`;
}
