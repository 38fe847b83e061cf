import { join } from 'node:path';
import type { BuildContext, BuildRun } from '../build';
import type { Own } from '../config/own';
import type { Config } from '../config/schema';
import type { Meta, StepInputs } from '../engine/step';
import { templateData } from '../streams/template';
import type { Customization, PackageTools } from './apply';
import { makeLayer } from './customize';
import { customizationInputs, settingsOf } from './inputs';
import { hostFiles, setRootPassword, sshKeys, systemFiles } from './system-files';
import { renderTree } from './templates';
import type { Placed } from './tree';

/** What the host's own file states, its settings, and the shared templates, which may differ for each host. */
export function hostInputs({ config, base, own, view }: BuildContext): StepInputs {
  const mine = customizationOf(own);
  const { values, files } = customizationInputs(
    { ...mine, templates: [...base.templates, ...mine.templates] },
    config,
    view,
  );
  return { values: { hostname: config.hostname, settings: settingsOf(config), ...values }, files };
}

/** Makes the layer of one host: what differs from the shared layers. */
export function makeHost(
  context: BuildRun<'rootfs' | 'pacstrap' | 'customize'>,
  tools: PackageTools,
): Promise<Meta> {
  const { config, base, own, view, needs } = context;
  const seen = { base: view.of(base), own: view.of(config) };
  const below = [join(needs.pacstrap.path, 'layer'), join(needs.customize.path, 'layer')];
  return makeLayer(context, tools, below, seen.own, config.commands.network, async (root) => {
    const made = (from: Config): Placed[] => [...systemFiles(from, root), ...sshKeys(from.root.ssh_keys)];
    const files = [
      ...hostFiles(config),
      ...different(made(base), made(config)),
      ...different(await rendered(base.templates, seen.base), await rendered(base.templates, seen.own)),
    ];
    if (config.root.password !== base.root.password) setRootPassword(root, config.root.password);
    return { what: customizationOf(own), files };
  });
}

function customizationOf(own: Own): Customization {
  return {
    overlay: own.overlay ?? [],
    templates: own.templates ?? [],
    scripts: own.scripts ?? [],
    permissions: (own.permissions ?? {}) as Config['permissions'],
    commands: { chroot: [], host: [], network: false, ...own.commands },
    units: { enable: [], disable: [], mask: [], ...own.units },
    cleanup: { users: [], paths: [], packages: [], ...own.cleanup },
  };
}

async function rendered(folders: string[], config: Config): Promise<Placed[]> {
  return (await Promise.all(folders.map((folder) => renderTree(folder, templateData(config))))).flat();
}

/** The things in `now` that are not the same in `shared`. */
function different(shared: Placed[], now: Placed[]): Placed[] {
  const known = new Set(shared.map((thing) => JSON.stringify(thing)));
  return now.filter((thing) => !known.has(JSON.stringify(thing)));
}
