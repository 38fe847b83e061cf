/** The text of `SHA256SUMS`, as sha256sum(1) writes and checks it: one line per file, sorted by path. */
export function sha256sums(files: readonly { path: string; sha256: string }[]): string {
  return [...files]
    .sort((a, b) => (a.path < b.path ? -1 : 1))
    .map(({ path, sha256 }) => `${sha256}  ${path}\n`)
    .join('');
}
