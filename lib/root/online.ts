import { type Placed, textFile } from './tree';

const TARGET = 'network-online.target';
/** Seconds that units which order themselves behind the target wait at most. */
const PATIENCE = 30;

/**
 * The unit of Docker without its wait for a network: a machine without one, or whose DHCP server is silent, has its containers as
 * soon as others. Lists of dependencies cannot be emptied by a drop-in (systemd.unit(5)), so it is a copy.
 *
 * @param unit the unit that the package of Docker brings
 */
export function dockerUnit(unit: string): Placed[] {
  const lines = unit.split('\n').flatMap((line) => {
    const [, name = '', units] = /^(Wants|After|Requires|BindsTo)\s*=(.*)$/.exec(line) ?? [];
    if (units === undefined) return [line];
    const others = units.split(/\s+/).filter((each) => each !== '' && each !== TARGET);
    return others.length === 0 ? [] : [`${name}=${others.join(' ')}`];
  });
  return [textFile('etc/systemd/system/docker.service', lines.join('\n'))];
}

/** Units of the user's that want a network wait a while for one interface, and not in vain for all. */
export function waitOnlineFiles(program: string): Placed[] {
  const text = `[Service]
ExecStart=
ExecStart=-${program} --any --timeout=${PATIENCE}
`;
  return [textFile('etc/systemd/system/systemd-networkd-wait-online.service.d/10-dock0.conf', text)];
}

/**
 * Docker's own interfaces are none of systemd-networkd's, whatever a file of an overlay matches (systemd.network(5)): it would
 * give addresses and routes to the network cards of containers.
 */
export function dockerNetworkFile(): Placed {
  const bridge = `br-${'[0-9a-f]'.repeat(12)}`;
  return textFile(
    'etc/systemd/network/05-dock0-docker.network',
    `[Match]\nName=veth* docker0 ${bridge}\n\n[Link]\nUnmanaged=yes\n`,
  );
}
