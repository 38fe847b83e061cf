import { createServer, type Server } from 'node:net';
import { codeOf, Dock0Error } from '../error';

/** @throws Dock0Error when a port of this machine's loopback interface cannot be forwarded to a virtual machine */
export async function requirePort(port: number): Promise<void> {
  const server = createServer();
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(port, '127.0.0.1', resolve);
    });
  } catch (error) {
    const why = codeOf(error) === 'EACCES' ? 'only root may use it' : 'another program uses it';
    throw new Dock0Error(`--ssh ${port}: this port is not free: ${why}`, {
      hint: 'Name another port, or end that program.',
    });
  } finally {
    server.close();
  }
}

/** The port that a server listens on. */
export function portOf(server: Server): number {
  const address = server.address();
  return address !== null && typeof address === 'object' ? address.port : 0;
}
