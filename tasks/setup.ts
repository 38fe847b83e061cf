import { createInterface } from 'node:readline/promises';
import { Dock0Error } from '../lib/error';
import type { Session } from '../lib/session/session';
import { locateTool, packageOf, toolsFor } from '../lib/session/tools';
import { distributionOf } from '../lib/system/host';
import { CommandError, run } from '../lib/system/process';

/**
 * Installs the host's packages that bring the missing tools, by apt or pacman, the optional ones too. Says what it will
 * run before it does, asks on a terminal (unless --yes), and does nothing when all is there.
 *
 * @throws Dock0Error when it is not root, or when a package can't be had
 */
export async function setup({ base, flags, log, engine }: Session): Promise<void> {
  const missing = toolsFor(base).filter((tool) => locateTool(tool) === undefined);
  if (missing.length === 0) {
    log('every tool the configuration needs is installed');
    return;
  }
  const names = [...new Set(missing.map((tool) => packageOf(tool)))]
    .filter((name) => name !== undefined)
    .sort();
  const commands = commandsFor(names, distributionOf());
  log(`missing: ${missing.map(({ name }) => name).join(', ')}`);
  for (const words of commands) log(`will run: ${words.join(' ')}`);
  if (flags.dryRun) return;
  if (process.getuid?.() !== 0) {
    throw new Dock0Error('setup needs root: it installs packages', {
      hint: 'Run it as root, for instance `sudo npx gulp setup`.',
    });
  }
  if (!flags.yes && process.stdin.isTTY && process.stdout.isTTY && !(await agreed())) {
    throw new Dock0Error('nothing was installed', { hint: 'Install the packages yourself, or answer y.' });
  }
  const options = {
    env: { DEBIAN_FRONTEND: 'noninteractive' },
    signal: engine.signal(),
    onLine: (line: string) => {
      if (flags.verbose || /^(Setting up|installing|upgrading) /.test(line)) log(line);
    },
  };
  for (const [command = '', ...words] of commands) {
    await run(command, words, options).catch((error: unknown) => {
      if (command !== 'pacman' || !(error instanceof CommandError)) throw error;
      throw new Dock0Error(error.message, {
        hint: 'When the mirrors have moved on, `pacman -Syu` brings this machine and its package lists up to date.',
        cause: error,
      });
    });
  }
  const still = missing.filter((tool) => !tool.optional && locateTool(tool) === undefined);
  if (still.length > 0) throw new Dock0Error(`still missing: ${still.map(({ name }) => name).join(', ')}`);
}

/** What installs packages, command by command. */
export function commandsFor(names: readonly string[], host: 'debian' | 'arch'): string[][] {
  // Newer lists without an upgrade would leave an Arch half upgraded, and an upgrade is not ours to make.
  if (host === 'arch') return [['pacman', '-S', '--noconfirm', '--needed', '--', ...names]];
  return [
    ['apt-get', 'update'],
    ['apt-get', 'install', '--yes', '--no-install-recommends', '--', ...names],
  ];
}

async function agreed(): Promise<boolean> {
  const reader = createInterface({ input: process.stdin, output: process.stdout });
  try {
    return /^(y|yes|)$/i.test((await reader.question('Go on? [Y/n] ')).trim());
  } finally {
    reader.close();
  }
}
