/**
 * The path of a sysctl below /proc/sys. Of its two separators the first one in the name stands for a slash, the other for a
 * dot (sysctl.d(5)): `net.ipv4.conf.eth0/1.forwarding` is `net/ipv4/conf/eth0.1/forwarding`.
 */
export function sysctlPath(name: string): string {
  if (/^[^./]*\//.test(name)) return name;
  return name.replace(/[./]/g, (separator) => (separator === '.' ? '/' : '.'));
}
