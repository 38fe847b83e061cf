/**
 * What every command finds in its environment: nothing of this process's own, so that the same inputs give the same
 * bytes whoever builds. The commands themselves are looked up on this process's PATH.
 */
const ENVIRONMENT = {
  PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
  HOME: '/nonexistent',
  LC_ALL: 'C.UTF-8',
  TZ: 'UTC',
};
const NETWORK = /^((https?|ftp|all|no)_proxy|SSL_CERT_(FILE|DIR)|CURL_CA_BUNDLE)$/i;

/**
 * The environment of one command.
 *
 * @param env added to what every command finds; undefined takes a variable away
 * @param network whether the command gets this machine's proxies and certificates
 */
export function environmentFor(
  env: Readonly<Record<string, string | undefined>> = {},
  network = false,
): Record<string, string | undefined> {
  const passed = network ? Object.entries(process.env).filter(([name]) => NETWORK.test(name)) : [];
  return { ...ENVIRONMENT, ...Object.fromEntries(passed), ...env };
}
