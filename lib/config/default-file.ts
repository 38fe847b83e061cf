import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageFolder } from './paths';

/**
 * The configuration that is built where none is named: `dock0.yaml` in the working directory, else one of the
 * package's own. Packages have other names on Arch, so a build host that runs it (os-release(5)) gets
 * `configs/arch.yaml`, any other `configs/default.yaml`.
 */
export function defaultFile(cwd: string, osRelease = '/etc/os-release'): string {
  const own = join(cwd, 'dock0.yaml');
  if (existsSync(own)) return own;
  return join(packageFolder(), 'configs', runsArch(osRelease) ? 'arch.yaml' : 'default.yaml');
}

function runsArch(osRelease: string): boolean {
  if (!existsSync(osRelease)) return false;
  const fields = readFileSync(osRelease, 'utf8').matchAll(/^ID(?:_LIKE)?=["']?([^"'\n]*)/gm);
  return [...fields].some(([, names]) => names?.split(' ').includes('arch') === true);
}
