import { join } from 'node:path';
import type { BuildStep } from '../lib/build';
import type { Own } from '../lib/config/own';
import type { Config } from '../lib/config/schema';
import { rootTools } from '../lib/distributions/root';
import { applyCustomization, type Customization } from '../lib/root/apply';
import { hostFiles, setRootPassword, sshKeys, systemFiles } from '../lib/root/system-files';
import { renderTree } from '../lib/root/templates';
import type { Placed } from '../lib/root/tree';
import { templateData } from '../lib/streams/template';
import { withLayer } from '../lib/system/layer';
import { customizationFiles, customizationValues, customize, settingsOf } from './customize';
import { pacstrap } from './pacstrap';
import { baseImage, rootfs } from './rootfs';

/**
 * What makes a host that host, as the small layer `layer/` on top of what all hosts share: its name, those of the
 * shared templates and settings that come out different for it, and what its own file states.
 */
export const host: BuildStep<'rootfs' | 'pacstrap' | 'customize'> = {
  name: 'host',
  description: 'Makes the layer of what only this host has',
  version: 2,
  root: 'changes owners and runs commands in a chroot',
  needs: () => ({ rootfs, pacstrap, customize }),

  inputs: ({ config, base, own }) => {
    const mine = customizationOf(own);
    return {
      values: {
        hostname: config.hostname,
        settings: settingsOf(config),
        ...customizationValues({ ...mine, templates: [...base.templates, ...mine.templates] }, config),
      },
      files: customizationFiles({ ...mine, templates: [...base.templates, ...mine.templates] }),
    };
  },

  run: async (context) => {
    const { config, base, own, needs, out, tmp, run, log } = context;
    const below = [join(needs.pacstrap.path, 'layer'), join(needs.customize.path, 'layer')];
    const epoch = Number(needs.pacstrap.meta.epoch);
    const tools = await rootTools(config);
    const spec = { below, layer: join(out, 'layer'), tmp, image: baseImage(needs.rootfs) };
    const { removed } = await withLayer(spec, run, log, async (open) => {
      const root = open.path('/');
      const made = (from: Config): Placed[] => [...systemFiles(from, root), ...sshKeys(from.root.ssh_keys)];
      const files = [
        ...hostFiles(config),
        ...different(made(base), made(config)),
        ...different(await rendered(base.templates, base), await rendered(base.templates, config)),
      ];
      if (config.root.password !== base.root.password) setRootPassword(root, config.root.password);
      return applyCustomization(customizationOf(own), files, {
        open,
        config,
        epoch,
        tmp,
        run,
        log,
        ...tools,
      });
    });
    return { epoch, removed };
  },
};

function customizationOf(own: Own): Customization {
  return {
    overlay: own.overlay ?? [],
    templates: own.templates ?? [],
    scripts: own.scripts ?? [],
    permissions: (own.permissions ?? {}) as Config['permissions'],
    commands: { chroot: [], host: [], ...own.commands },
    units: { enable: [], disable: [], mask: [], ...own.units },
    cleanup: { users: [], paths: [], packages: [], ...own.cleanup },
  };
}

async function rendered(folders: string[], config: Config): Promise<Placed[]> {
  return (await Promise.all(folders.map((folder) => renderTree(folder, templateData(config))))).flat();
}

/** Of `now` what `shared` does not have in the same form. */
function different(shared: Placed[], now: Placed[]): Placed[] {
  const known = new Set(shared.map((thing) => JSON.stringify(thing)));
  return now.filter((thing) => !known.has(JSON.stringify(thing)));
}
