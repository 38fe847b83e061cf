import { type ChildProcess, spawn } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { run } from '../../lib/system/process';

/** A registry on a port of the loopback interface. */
export interface Registry {
  /** `127.0.0.1:40123` */
  address: string;
  /** Gives it the image of an archive under a name: `a/web:1`. */
  push: (archive: string, name: string) => Promise<void>;
  /** Forgets all images. */
  forget: () => Promise<void>;
  stop: () => Promise<void>;
}

/** Starts Debian's docker-registry, whose data is in a folder. */
export async function startRegistry(folder: string): Promise<Registry> {
  const port = await freePort();
  const address = `127.0.0.1:${port}`;
  const data = join(folder, 'registry');
  const config = join(folder, 'registry.yml');
  writeFileSync(
    config,
    JSON.stringify({
      version: '0.1',
      log: { level: 'error' },
      storage: { filesystem: { rootdirectory: data } },
      http: { addr: address },
    }),
  );
  let child: ChildProcess;
  const start = async (): Promise<void> => {
    child = spawn('docker-registry', ['serve', config], { stdio: 'ignore' });
    for (let count = 0; count < 100; count++) {
      const answer = await fetch(`http://${address}/v2/`).catch(() => undefined);
      if (answer?.ok) return;
      await new Promise((done) => setTimeout(done, 100));
    }
    throw new Error('the registry does not answer');
  };
  const stop = (): Promise<void> =>
    new Promise((done) => {
      child.once('exit', () => done());
      child.kill();
    });
  await start();
  return {
    address,
    push: async (archive, name) => {
      const to = `docker://${address}/${name}`;
      await run('skopeo', ['copy', '--quiet', '--dest-tls-verify=false', `docker-archive:${archive}`, to]);
    },
    forget: async () => {
      await stop();
      rmSync(data, { recursive: true, force: true });
      await start();
    },
    stop,
  };
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      const port = typeof address === 'object' && address !== null ? address.port : 0;
      server.close(() => resolve(port));
    });
  });
}
