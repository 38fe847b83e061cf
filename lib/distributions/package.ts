/** One package, exactly: what a lock file, a fingerprint and the manifest hold. */
export interface ResolvedPackage {
  name: string;
  version: string;
  arch: string;
  /** Its repository: `bookworm/main`, `core`. */
  repository: string;
  /** Where its file is below the repository's address: `pool/main/a/adduser/adduser_3.134_all.deb`. */
  path: string;
  /** Of the package file, in hex. */
  sha256: string;
  /** Of the package file. */
  bytes: number;
  /** The state of the repository: a day, or the time its lists were made. */
  snapshot: string;
}

/** Package names, repositories and paths become paths of the cache and of mirrors: none may lead out of its folder. */
export const PACKAGE_PATTERNS = {
  name: /^[A-Za-z0-9@_+][\w@.+:-]*$/,
  version: /^[A-Za-z0-9][\w.+~:^-]*$/,
  arch: /^[a-z0-9][\w-]*$/,
  repository: /^(?!.*\.\.)[\w.+-]+(\/[\w.+-]*)*$/,
  path: /^(?!.*\.\.)[\w@.+:~%^-]+(\/[\w@.+:~%^-]+)*$/,
  sha256: /^[0-9a-f]{64}$/,
} as const;
