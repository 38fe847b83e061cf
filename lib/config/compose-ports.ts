import { type MapNode, type Node, nodeAt, toPlain } from './node';
import { type Port, readPort } from './port';
import { formatPlace } from './problems';

/** A port of the machine that a service of Compose publishes. */
export interface ComposePort {
  port: Port;
  /** As the file has it. */
  stated: string;
  /** Its key in the file. */
  of: string;
  /** Where that is, for messages. */
  place: string;
}

/**
 * The ports that a service publishes where they are known: Docker chooses others itself, and those of a service in the
 * network of the machine are published by nobody.
 *
 * @param keys the service's, in the file
 */
export function composePorts(service: MapNode, keys: readonly string[]): ComposePort[] {
  const mode = nodeAt(service, ['network_mode']);
  const ports = nodeAt(service, ['ports']);
  if (mode !== undefined || ports?.kind !== 'list') return [];
  const found: ComposePort[] = [];
  for (const [at, item] of ports.items.entries()) {
    const stated = textOf(item);
    const port = stated === undefined ? undefined : readPort(stated);
    // Compose takes two of the same for one.
    if (
      stated === undefined ||
      port === undefined ||
      'problem' in port ||
      found.some((each) => each.stated === stated)
    )
      continue;
    const own = [...keys, 'ports', String(at)];
    found.push({ port, stated, of: own.join('.'), place: formatPlace(item.place, own) });
  }
  return found;
}

/** A port in the short syntax, also where it is a map. */
function textOf(item: Node): string | undefined {
  if (item.kind === 'scalar') return typeof item.value === 'string' ? item.value : undefined;
  if (item.kind === 'list') return undefined;
  const { target, published, host_ip: address, protocol } = toPlain(item) as Record<string, unknown>;
  if (published === undefined) return undefined;
  const host = address === undefined ? '' : `${String(address).includes(':') ? `[${address}]` : address}:`;
  return `${host}${published}:${target}${protocol === undefined ? '' : `/${protocol}`}`;
}
