import { createReadStream, statSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { portOf } from './port';

/** A server of files on this machine's loopback interface, which the network of a virtual machine leads to. */
export interface FileServer {
  port: number;
  close: () => void;
}

/**
 * Serves the files of a folder over http.
 *
 * @param instead other files in place of those of the folder, by path
 */
export async function serveFolder(
  folder: string,
  instead: Readonly<Record<string, string>> = {},
): Promise<FileServer> {
  const server = createServer((request, response) => {
    const path = decodeURIComponent(new URL(request.url ?? '/', 'http://localhost').pathname).slice(1);
    const file = path.split('/').includes('..') ? undefined : (instead[path] ?? join(folder, path));
    const stat = file === undefined ? undefined : statSync(file, { throwIfNoEntry: false });
    if (file === undefined || !stat?.isFile()) {
      response.writeHead(404).end();
      return;
    }
    response.writeHead(200, { 'content-length': stat.size });
    if (request.method === 'HEAD') response.end();
    // Who asked may turn itself off in between.
    else pipeline(createReadStream(file), response).catch(() => undefined);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  return { port: portOf(server), close: () => shut(server) };
}

function shut(server: Server): void {
  server.close();
  server.closeAllConnections();
}
