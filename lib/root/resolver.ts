import { RESOLVER } from '../config/address';
import { type Placed, textFile } from './tree';

/** The files that make systemd-resolved answer there (resolved.conf(5); systemd.network(5)). */
export function resolverFiles(): Placed[] {
  return [
    textFile('etc/systemd/resolved.conf.d/10-dock0.conf', `[Resolve]\nDNSStubListenerExtra=${RESOLVER}\n`),
    textFile(
      'etc/systemd/network/10-dock0-resolver.network',
      `[Match]\nName=lo\n\n[Network]\nAddress=${RESOLVER}/32\n`,
    ),
  ];
}
