import { INTERFACE_NAME } from '../limits';
import { meant } from '../problems';
import type { Config } from '../schema';
import { didYouMean } from '../suggest';
import type { Checked } from './rule';

/** An item of network.interfaces. */
export type Interface = Config['network']['interfaces'][string];

/** Names that mean something else to the kernel or to Docker. */
const TAKEN: Readonly<Record<string, string>> = {
  lo: 'is the machine itself',
  docker0: "is Docker's own",
  all: 'stands for all interfaces to the kernel',
  default: 'stands for new interfaces to the kernel',
};

/** What systemd reads as a number (parse_ifindex), which is no name to it. */
const NUMBER = /^(\d+|0x[0-9a-f]+|0o[0-7]+|0b[01]+)$/i;

/** Interfaces that others are part of, and where they are named. */
export const PARTS = (item: Interface): readonly (readonly [keys: readonly string[], name: string])[] => [
  ...(item.vlan === undefined ? [] : [[['vlan', 'on'], item.vlan.on] as const]),
  ...(item.bond?.members ?? []).map((name, at) => [['bond', 'members', String(at)], name] as const),
  ...(item.bridge?.ports ?? []).map((name, at) => [['bridge', 'ports', String(at)], name] as const),
];

/** Checks the names of interfaces, and what they are made of. */
export function checkInterfaces(checked: Checked): void {
  const { config, wrong } = checked;
  const { interfaces } = config.network;
  const cards = new Map<string, string>();
  for (const [name, item] of Object.entries(interfaces)) {
    const keys = ['network', 'interfaces', name];
    const kinds = (['vlan', 'bond', 'bridge'] as const).filter((kind) => item[kind] !== undefined);
    const bytes = Buffer.byteLength(name);
    if (!name.startsWith('mac:') && bytes > INTERFACE_NAME)
      wrong(keys, `expected a name of at most ${INTERFACE_NAME} bytes, found one of ${bytes}`);
    const taken = TAKEN[name];
    if (taken !== undefined) wrong(keys, `expected another name: ${name} ${taken}`);
    if (/^\.+$/.test(name)) wrong(keys, `expected a name with a letter, found ${JSON.stringify(name)}`);
    if (NUMBER.test(name))
      wrong(
        keys,
        `expected a name with a letter, found ${JSON.stringify(name)}: systemd-networkd takes it for the number of an interface`,
      );
    const same = name.startsWith('mac:') ? cards.get(name.toLowerCase()) : undefined;
    if (same !== undefined) wrong(keys, `expected each card once: ${same} is the same one`);
    cards.set(name.toLowerCase(), name);
    const [, second] = kinds;
    if (second !== undefined)
      wrong([...keys, second], `expected one of vlan, bond and bridge, found ${kinds.join(' and ')}`);
    if (kinds.length > 0 && isMatch(name))
      wrong(
        [...keys, kinds[0] as string],
        `expected a name such as ${kinds[0]}0 for an interface to make, found ${name}`,
      );
    if (item.bond?.members.length === 0)
      wrong([...keys, 'bond', 'members'], 'expected one interface at least, found none');
    for (const [more, part] of PARTS(item)) checkPart(name, [...keys, ...more], part, checked);
  }
  checkOnce(checked);
}

/** Whether a key of network.interfaces is no name, but says which interfaces are meant. */
export function isMatch(name: string): boolean {
  return name.startsWith('mac:') || /[*?]/.test(name);
}

function checkPart(whole: string, keys: readonly string[], part: string, { config, wrong }: Checked): void {
  const { interfaces } = config.network;
  const names = Object.keys(interfaces).filter((name) => name !== whole);
  if (!names.includes(part)) {
    const near = didYouMean(part, names);
    wrong(
      keys,
      `expected one of network.interfaces${names.length === 0 ? ', and there is no other' : ` (${names.join(', ')})`}, found ${JSON.stringify(part)}${near === undefined ? `; state it there, if need be with {}` : meant(near)}`,
    );
    return;
  }
  if (keys.at(-1) === 'on' && /[*?]/.test(part))
    wrong(keys, `expected a single interface, found the pattern ${part}`);
  // Once for a circle, at the first interface of it.
  const first = !names
    .slice(0, Object.keys(interfaces).indexOf(whole))
    .some((name) => reaches(interfaces, name, whole) && reaches(interfaces, whole, name));
  if (first && reaches(interfaces, part, whole))
    wrong(keys, `expected interfaces without a circle: ${part} is made of ${whole}`);
}

/** Whether an interface is, over others perhaps, made of another. */
function reaches(
  interfaces: Config['network']['interfaces'],
  from: string,
  to: string,
  seen: string[] = [],
): boolean {
  const item = interfaces[from];
  if (item === undefined || seen.includes(from)) return false;
  return PARTS(item).some(([, part]) => part === to || reaches(interfaces, part, to, [...seen, from]));
}

/** A part of a bond or a bridge is nothing else besides; a VLAN is there once. */
function checkOnce({ config, wrong }: Checked): void {
  const owners = new Map<string, string>();
  const vlans = new Map<string, string>();
  const { interfaces } = config.network;
  for (const [name, { vlan, bond, bridge }] of Object.entries(interfaces)) {
    const keys = ['network', 'interfaces', name];
    if (vlan !== undefined) {
      const number = `${vlan.on} ${vlan.id}`;
      const twin = vlans.get(number);
      if (twin !== undefined)
        wrong(
          [...keys, 'vlan', 'id'],
          `expected a number of its own, found ${vlan.id}, which ${twin} has on ${vlan.on}`,
        );
      vlans.set(number, name);
    }
    const parts = [
      ...(bond?.members ?? []).map((part, at) => [['bond', 'members', String(at)], part] as const),
      ...(bridge?.ports ?? []).map((part, at) => [['bridge', 'ports', String(at)], part] as const),
    ];
    for (const [more, part] of parts) {
      const owner = owners.get(part);
      if (owner !== undefined)
        wrong([...keys, ...more], `expected a free interface, found ${part}, which is in ${owner}`);
      owners.set(part, name);
      const item = interfaces[part];
      if (
        item !== undefined &&
        (item.dhcp || item.addresses.length + item.gateway.length + item.routes.length > 0)
      )
        wrong(
          [...keys, ...more],
          `expected an interface without addresses, found ${part}: its addresses belong to ${name}, which it is part of`,
        );
    }
  }
}
