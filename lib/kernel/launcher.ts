import { mkdirSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { basename, join } from 'node:path';
import { findTool } from '../system/find-tool';
import { type FixedFolders, fixedPath } from '../system/fixed-paths';

/** The command before the compiler; undefined for none. */
export function launcherOf(stated: string): string | undefined {
  if (stated !== 'auto') return stated === 'none' ? undefined : stated;
  return findTool('ccache') === undefined ? undefined : 'ccache';
}

/** The folder of ccache's own, unless the user has one. */
export function ccacheFolder(cache: string): string {
  return process.env.CCACHE_DIR || join(cache, 'ccache');
}

/** The folders that a launcher needs, which then exist. */
export function launcherFolders(launcher: string | undefined, cache: string): FixedFolders {
  if (launcher === undefined) return {};
  const ccache = ccacheFolder(cache);
  mkdirSync(ccache, { recursive: true });
  return { ccache };
}

/** What launchers find in their environment besides what the user states for them. */
export async function launcherEnvironment(launcher: string | undefined): Promise<Record<string, string>> {
  return {
    CCACHE_DIR: fixedPath('ccache'),
    CCACHE_MAXSIZE: process.env.CCACHE_MAXSIZE ?? '2G',
    ...(basename(launcher ?? '') === 'sccache' ? await ownServer() : {}),
  };
}

/** A server of sccache's that runs already does not see make's paths, so this make's own one is asked. */
async function ownServer(): Promise<Record<string, string>> {
  // Versions without sockets in the file system only know the port.
  return { SCCACHE_SERVER_UDS: fixedPath('sccache'), SCCACHE_SERVER_PORT: String(await freePort()) };
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
}
