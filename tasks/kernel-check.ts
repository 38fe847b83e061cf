import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Dock0Error } from '../lib/error';
import { readConfig, runningConfig } from '../lib/kernel/base';
import { findings, requireNeeds, table } from '../lib/kernel/check';
import { configure } from '../lib/kernel/configure';
import { parseKconfig } from '../lib/kernel/kconfig';
import { aloneIn } from '../lib/kernel/make';
import { needsOf } from '../lib/kernel/needs';
import { openWorkshop, wantedOf } from '../lib/kernel/workshop';
import type { Build, Session } from '../lib/session/session';
import { withWork } from '../lib/session/work';
import { kernel } from './kernel';

/**
 * Holds a kernel against what the configured image needs for SquashFS, overlayfs, control groups, namespaces, networks
 * and Docker, and shows the table: the kernel of `--kconfig FILE`, of `--kconfig running`, else the configured one. A
 * kernel from source tells by its configuration, before it is compiled.
 *
 * @throws Dock0Error when it lacks something necessary, so that scripts can rely on the exit code
 */
export async function kernelCheck({ flags, builds }: Session): Promise<void> {
  for (const build of builds) {
    if (flags.kconfig === 'running') report('the running kernel', readConfig(runningConfig()), build);
    else if (flags.kconfig !== undefined) report(flags.kconfig, readConfig(flags.kconfig), build);
    else report(nameOf(build), await configOf(build), build);
  }
}

function report(name: string, text: string, { context }: Build): void {
  const config = parseKconfig(text);
  const needs = needsOf(context.config);
  process.stdout.write(`${name}\n\n${table(findings(config, needs))}\n`);
  requireNeeds(config, needs, name);
}

function nameOf({ context: { host } }: Build): string {
  return host === undefined ? 'the configured kernel' : `the kernel of ${host}`;
}

async function configOf(build: Build): Promise<string> {
  if (build.context.config.kernel.provider === 'source') {
    return withWork(build, async (context) => {
      const { base, requests } = wantedOf(context);
      const shop = await openWorkshop(context);
      return aloneIn(shop, context, async () => (await configure(shop, base, requests, context)).text);
    });
  }
  const file = join((await build.make(kernel)).path, 'config');
  if (existsSync(file)) return readConfig(file);
  throw new Dock0Error(`${nameOf(build)} comes without its .config`, {
    hint: 'State kernel.config_file, or check a .config with --kconfig FILE.',
  });
}
