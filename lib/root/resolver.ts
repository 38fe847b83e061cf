import { type Placed, textFile } from './tree';

/**
 * Where containers ask for names: an address of the machine's own that no network has. systemd-resolved answers there with what
 * it knows at that moment, so a container needs no new resolv.conf when the machine's name servers change.
 */
export const RESOLVER = '169.254.53.53';

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
