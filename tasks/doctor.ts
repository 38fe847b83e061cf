import { join } from 'node:path';
import { openToolVersions } from '../lib/engine/tool-versions';
import { Dock0Error } from '../lib/error';
import { table } from '../lib/report/format';
import type { Session } from '../lib/session/session';
import { locateTool, packageOf, type Tool, toolsFor } from '../lib/session/tools';

/**
 * Shows the host's tools that the configuration needs: version, who needs it, how to get it.
 *
 * @throws Dock0Error when one that is necessary is missing, so that scripts can rely on the exit code
 */
export async function doctor({ base, cache }: Session): Promise<void> {
  const versions = openToolVersions(join(cache, 'tools.json'));
  const rows: string[][] = [['tool', 'version', 'needed by', 'how to get it']];
  const missing: string[] = [];
  for (const tool of toolsFor(base)) {
    const found = locateTool(tool);
    if (found === undefined && !tool.optional) missing.push(tool.name);
    const absent = tool.optional ? 'not installed' : 'missing';
    const version =
      found === undefined ? absent : tool.files.length === 0 ? await versions.version(tool.name) : 'found';
    rows.push([tool.name, version, tool.neededBy.join(', '), found === undefined ? howToGet(tool) : '']);
  }
  if (process.getuid?.() === 0) versions.save();
  process.stdout.write(`${table(rows)}\n`);
  const root = process.getuid?.() === 0;
  process.stdout.write(
    `root: ${root ? 'yes' : 'no; building needs it, for mounts, owners and device nodes'}\n`,
  );
  if (missing.length === 0) return;
  throw new Dock0Error(`missing: ${missing.join(', ')}`, { hint: '`gulp setup` installs what is missing.' });
}

function howToGet(tool: Tool): string {
  const name = packageOf(tool);
  return name === undefined ? 'no package of this distribution has it' : `gulp setup, or the package ${name}`;
}
