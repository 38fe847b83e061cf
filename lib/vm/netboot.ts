import { copyFileSync, existsSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { Config } from '../config/schema';
import { Dock0Error } from '../error';
import { INITRAMFS, NETBOOT, netbootScript, SCRIPT } from '../install/netboot';
import type { Cards } from './cards';
import type { ByNetwork } from './qemu';
import { serveFolder } from './serve';

/** A server that machines boot a release from. */
export interface NetbootServer {
  start: ByNetwork;
  close: () => void;
}

/** One whose machine runs the agent. */
export interface AgentServer extends NetbootServer {
  /** Makes it start the release with another initrd and command line. */
  fill: (initrd: string, cmdline: string) => Promise<void>;
}

/**
 * The folder of a release that machines boot from over the network.
 *
 * @throws Dock0Error where it has none
 */
export function netbootFolder(release: string): string {
  const folder = join(release, NETBOOT);
  if (existsSync(folder)) return folder;
  throw new Dock0Error(`--via netboot: release ${basename(release)} has no folder ${NETBOOT}`, {
    hint: 'Set `install.target: netboot`, or leave `--via` out.',
  });
}

/**
 * Serves a release to a machine as it is.
 *
 * @param instead other files in place of some of them, by path
 * @throws Dock0Error where it is not made for that, or the machine has no card
 */
export async function serveRelease(
  release: string,
  { cards, host }: Cards,
  instead?: Readonly<Record<string, string>>,
): Promise<NetbootServer> {
  const folder = netbootFolder(release);
  if (cards.length === 0)
    throw new Dock0Error('--via netboot: expected a machine with a network card: verify.network is none');
  const { port, close } = await serveFolder(folder, instead);
  return { start: { bootfile: `http://${host}:${port}/${SCRIPT}` }, close };
}

/**
 * Serves a release whose initramfs and command line are others: with them comes the agent. All the rest is the release's.
 *
 * @throws Dock0Error as {@link serveRelease} does
 */
export async function serveAgent(
  release: string,
  { install }: Pick<Config, 'install'>,
  cards: Cards,
  tmp: string,
): Promise<AgentServer> {
  const script = join(tmp, SCRIPT);
  const own = join(tmp, 'agent-initrd');
  const server = await serveRelease(release, cards, { [SCRIPT]: script, [INITRAMFS]: own });
  // Not from the place that the configuration has: what is there may be another release.
  const url = install.url === undefined ? undefined : server.start.bootfile;
  return {
    ...server,
    fill: async (initrd, cmdline) => {
      copyFileSync(initrd, own);
      writeFileSync(script, netbootScript(basename(release), cmdline, url));
    },
  };
}
