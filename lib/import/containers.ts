import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { isKeys, type Keys, type Mapped, textsOf, type Value } from './stack';

/** Keys of a container that are mapped. */
const MAPPED = ['name', 'service', 'external_ports', 'volumes', 'envfile'];

/**
 * Maps `containers`, which my_dock0 had as a list of maps: the image as `name`, and what else its scripts gave to
 * `docker run`.
 *
 * @param folder that of the stack, where files with variables may be in the overlay
 * @param overlay the overlay's path in it
 * @param written how a path of the stack is written in the file that gets the containers
 */
export function mapContainers(
  stated: Value | undefined,
  { folder, overlay, written }: { folder: string; overlay: string; written: (path: string) => string },
): Mapped {
  const containers: Keys = {};
  const notes: string[] = [];
  if (!Array.isArray(stated)) {
    if (stated !== undefined && stated !== null)
      notes.push('containers: not carried over, since it is not a list');
    return { keys: {}, notes };
  }
  for (const item of stated) {
    if (!isKeys(item) || typeof item.name !== 'string') {
      notes.push(`containers: not carried over, since it names no image: ${JSON.stringify(item)}`);
      continue;
    }
    const name = String(item.service ?? item.name.replace(/[@:][^/]*$/, '').replace(/^.*\//, ''));
    if (name in containers) {
      notes.push(`containers: not carried over, since another one is named ${name}: ${JSON.stringify(item)}`);
      continue;
    }
    const ports = (Array.isArray(item.external_ports) ? item.external_ports : []).flatMap((port) =>
      portOf(port),
    );
    const volumes = textsOf(item.volumes);
    const file = join(overlay, 'etc/docker', name);
    const hasFile = Boolean(item.envfile) && existsSync(join(folder, file));
    if (item.envfile && !hasFile)
      notes.push(`containers.${name}.envfile: there is no ${file}; state env_file`);
    for (const key of Object.keys(item).filter((each) => !MAPPED.includes(each)))
      notes.push(`containers.${name}.${key}: not carried over: ${JSON.stringify(item[key])}`);
    containers[name] = {
      image: item.name,
      ...(ports.length > 0 ? { ports } : {}),
      ...(volumes.length > 0 ? { volumes } : {}),
      ...(hasFile ? { env_file: written(file) } : {}),
    };
  }
  const names = Object.keys(containers);
  if (names.length > 0)
    notes.push(
      `containers: ${names.join(', ')}: run by units of systemd now; add their images to \`images\` to have them in the release`,
    );
  return { keys: names.length > 0 ? { containers } : {}, notes };
}

/** `{internal: 80, external: 8080, protocol: udp}` is `8080:80/udp`. */
function portOf(port: Value): string[] {
  if (!isKeys(port) || port.internal === undefined) return [];
  const { internal, external = internal, protocol = 'tcp' } = port;
  return [`${external}:${internal}${protocol === 'tcp' ? '' : `/${protocol}`}`];
}
