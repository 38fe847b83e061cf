import { osRelease } from '../../system/host';

/** The code name of the release that this machine runs (os-release(5)): `bookworm`. */
export function hostRelease(): string | undefined {
  const name = osRelease().get('VERSION_CODENAME');
  return name !== undefined && /^[a-z]+$/.test(name) ? name : undefined;
}
