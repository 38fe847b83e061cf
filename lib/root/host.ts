import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import type { BuildRun, InputsOf } from '../build';
import { isGenerated } from '../config/locale';
import type { Config } from '../config/schema';
import { pathsOf } from '../engine/inputs';
import type { Meta } from '../engine/step';
import { Dock0Error } from '../error';
import { templateData } from '../streams/template';
import { removeUsers } from './accounts';
import type { PackageTools } from './apply';
import { containerFiles } from './containers';
import { makeLayer, packagesOf } from './customize';
import type { Places } from './existing';
import { FIREWALL_PROGRAM, firewallFiles } from './firewall';
import {
  COMPOSE,
  CONTAINER_PROGRAM,
  customizationFrom,
  environmentOf,
  type hostInputs,
  programsFrom,
  type Settings,
  SHARED_TEMPLATE,
} from './inputs';
import { networkFiles } from './network';
import { entryInRoot, realInRoot } from './path';
import { hostFiles, setRootPassword, sshKeys, systemFiles } from './system-files';
import { renderTree } from './templates';
import type { Placed } from './tree';
import { makeUsers, placeOfUser } from './users';

/** Makes the layer of one host: what differs from the shared layers. */
export async function makeHost(
  context: BuildRun<'rootfs' | 'pacstrap' | 'customize', InputsOf<typeof hostInputs>>,
  toolsOf: (distribution: string) => Promise<PackageTools>,
): Promise<Meta> {
  const { needs, values } = context;
  const { hostname, network, firewall, settings, shared, runs, distribution, commands, config, base } =
    values;
  const below = [join(needs.pacstrap.path, 'layer'), join(needs.customize.path, 'layer')];
  const templates = pathsOf(context.files, SHARED_TEMPLATE);
  const tools = await toolsOf(distribution);
  const isShared = (path: string): boolean =>
    entryInRoot(join(needs.customize.path, 'layer'), path) !== undefined;
  if (isShared('etc/hostname'))
    context.log('warning: /etc/hostname of the shared layer has no effect: `hostname` sets it');
  return makeLayer(context, tools, below, config, commands.network, async (root) => {
    const packages = packagesOf(needs.pacstrap);
    const made = (from: Settings): Placed[] => [
      ...systemFiles(from, root, packages, programsFrom(context.files)),
      ...sshKeys(from.root.ssh_keys),
    ];
    if (firewall !== undefined && realInRoot(root, FIREWALL_PROGRAM) === undefined)
      throw new Dock0Error('firewall: the image has no nft', { hint: 'Add the package nftables.' });
    const files = [
      ...hostFiles(hostname, isShared),
      ...networkFiles(network),
      ...firewallFiles({ network, firewall }),
      ...different(made(shared), made(settings)),
      ...containerFiles(runs, {
        programs: pathsOf(context.files, CONTAINER_PROGRAM),
        environment: Object.fromEntries(
          Object.keys(runs.containers).map((name) => [name, pathsOf(context.files, environmentOf(name))]),
        ),
        compose: pathsOf(context.files, COMPOSE)[0],
      }),
      ...different(await rendered(templates, base), await rendered(templates, config)),
    ];
    if (settings.root.password !== shared.root.password) setRootPassword(root, settings.root.password);
    setUsers(root, shared.users, settings.users, context.means.places);
    const other = settings.locale !== shared.locale && isGenerated(settings);
    const locale = other ? settings.locale : undefined;
    return { what: customizationFrom(values, context.files), files, locale };
  });
}

async function rendered(folders: string[], config: Config | undefined): Promise<Placed[]> {
  return (await Promise.all(folders.map((folder) => renderTree(folder, templateData(config ?? {}))))).flat();
}

/** Makes the users that the host states otherwise than all hosts, and removes those that it does not have. */
function setUsers(root: string, shared: Settings['users'], now: Settings['users'], places: Places): void {
  removeUsers(
    root,
    Object.keys(shared).filter((name) => !Object.hasOwn(now, name)),
  );
  if (!isDeepStrictEqual(shared, now)) makeUsers(root, now, placeOfUser(places));
}

/** The things in `now` that are not the same in `shared`. */
function different(shared: Placed[], now: Placed[]): Placed[] {
  const known = new Set(shared.map((thing) => JSON.stringify(thing)));
  return now.filter((thing) => !known.has(JSON.stringify(thing)));
}
