import { createInterface } from 'node:readline/promises';
import type { Distribution } from '../distributions/provider';
import { Dock0Error } from '../error';
import { CommandError, run } from '../system/process';
import { hostPackages, isRoot, requireTools, toolsOf } from './doctor';
import { locateTool, type NeededTool, packageOf } from './host-tools';
import type { Session } from './task';

/**
 * Installs the host's packages that have the missing tools, the optional ones too. Says what it will run before it does,
 * asks on a terminal (unless --yes), and does nothing when all is there.
 *
 * @throws Dock0Error when it is not root, when nobody agreed, or when a package is unavailable
 */
export async function installTools(session: Session): Promise<void> {
  const { flags, log } = session;
  const missing = (await toolsOf(session)).filter((tool) => locateTool(tool) === undefined);
  if (missing.length === 0) return log('every tool that the configuration needs is installed');
  const host = await hostPackages();
  if (host === undefined) requireTools(missing.filter(({ optional }) => !optional).map(({ name }) => name));
  else {
    const commands = commandsFor(missing, host);
    log(`missing: ${missing.map(({ name }) => name).join(', ')}`);
    for (const words of commands) log(`will run: ${words.join(' ')}`);
    if (flags.dryRun) return;
    await permit(flags.yes);
    await install(commands, host, session);
    const still = missing.filter((tool) => !tool.optional && locateTool(tool) === undefined);
    if (still.length > 0) throw new Dock0Error(`still missing: ${still.map(({ name }) => name).join(', ')}`);
  }
}

/** The commands that install the packages of tools, as far as the host's distribution knows them. */
export function commandsFor(
  tools: readonly Pick<NeededTool, 'name' | 'packages'>[],
  host: Pick<Distribution, 'name' | 'toolPackages' | 'installCommands'>,
): string[][] {
  const names = new Set(tools.flatMap((tool) => packageOf(tool, host) ?? []));
  return names.size === 0 ? [] : host.installCommands([...names].sort());
}

async function permit(yes: boolean): Promise<void> {
  if (!isRoot()) {
    throw new Dock0Error('setup needs root: it installs packages', {
      hint: 'Run it as root, for instance `sudo npx gulp setup`.',
    });
  }
  if (yes) return;
  if (!process.stdin.isTTY || !process.stdout.isTTY) {
    throw new Dock0Error('setup asks before it installs packages, and there is no terminal', {
      hint: '--yes installs them without asking.',
    });
  }
  const reader = createInterface({ input: process.stdin, output: process.stdout });
  try {
    if (/^(y|yes|)$/i.test((await reader.question('Continue? [Y/n] ')).trim())) return;
  } finally {
    reader.close();
  }
  throw new Dock0Error('nothing was installed', { hint: 'Install the packages yourself, or answer y.' });
}

async function install(
  commands: string[][],
  host: Distribution,
  { flags, log, engine }: Session,
): Promise<void> {
  const options = {
    env: { DEBIAN_FRONTEND: 'noninteractive' },
    network: true,
    signal: engine.signal(),
    onLine: (line: string) => {
      if (flags.verbose || /^(Setting up|installing|upgrading) /.test(line)) log(line);
    },
  };
  for (const [command = '', ...words] of commands) {
    await run(command, words, options).catch((error: unknown) => {
      if (host.installHint === undefined || !(error instanceof CommandError)) throw error;
      throw new Dock0Error(error.message, { hint: host.installHint, cause: error });
    });
  }
}
