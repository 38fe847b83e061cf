import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { packageFolder } from './paths';

/**
 * The configuration that is built where none is named: `dock0.yaml` in the working directory, else one of the
 * package's own. Packages have other names on other distributions, so it is that of the host's distribution where there
 * is one (`configs/<name>.yaml`), else `configs/default.yaml`.
 *
 * @param host the name of the host's distribution, where it is a known one
 */
export function defaultFile(cwd: string, host: string | undefined): string {
  const own = join(cwd, 'dock0.yaml');
  if (existsSync(own)) return own;
  const shipped = (name: string): string => join(packageFolder(), 'configs', `${name}.yaml`);
  return host !== undefined && existsSync(shipped(host)) ? shipped(host) : shipped('default');
}
