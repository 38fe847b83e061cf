import { diskVolumes } from '../disk-volumes';
import { MOST_FILE_BYTES } from '../limits';
import { meant } from '../problems';
import { parseSize } from '../size';
import { stateVolume } from '../state';
import { didYouMean } from '../suggest';
import { sysctlPath } from '../sysctl';
import { type Checked, exactlyOne } from './rule';

/** The smallest swap space of use: mkswap(8) refuses less than ten pages. */
const LEAST_SWAP = 2 ** 20;

/** Checks where swap space is to be. */
export function checkSwap(checked: Checked): void {
  const { config, wrong } = checked;
  const { swap, volumes } = config;
  if (swap === undefined) return;
  exactlyOne(swap, ['zram', 'file'], ['swap'], wrong);
  const { file, volume } = swap;
  const keys = ['swap', 'volume'];
  if (file === undefined) {
    if (volume !== undefined) wrong(keys, 'expected only with file, found no file');
    return;
  }
  const bytes = parseSize(file);
  if (bytes < LEAST_SWAP) wrong(['swap', 'file'], `expected at least 1M, found ${file}`);
  if (bytes > MOST_FILE_BYTES)
    wrong(['swap', 'file'], `expected at most ${MOST_FILE_BYTES / 2 ** 40}T, found ${file}`);
  if (volume === undefined) {
    wrong(['swap'], 'expected volume, the one of `volumes` that holds the file, found none');
    return;
  }
  const holding = volumes[volume];
  const names = Object.keys(volumes);
  if (holding === undefined)
    wrong(
      keys,
      `expected one of \`volumes\` (${names.join(', ') || 'there are none'}), found ${JSON.stringify(volume)}${meant(didYouMean(volume, names))}`,
    );
  else if (holding.type === 'btrfs')
    wrong(keys, `expected a volume of type ext4 or xfs, found ${JSON.stringify(volume)}: it is btrfs`);
  else if (holding.options.includes('ro'))
    wrong(keys, `expected a volume that is written to, found ${JSON.stringify(volume)}: it is mounted ro`);
  checkRoom(checked, ['swap', 'file'], file, volume);
}

/** Checks that the journal can get as large as it may. */
export function checkLogs(checked: Checked): void {
  const { logs } = checked.config;
  const volume = logs.persistent ? stateVolume(checked.config) : undefined;
  if (volume !== undefined) checkRoom(checked, ['logs', 'size'], logs.size, volume);
}

/** Checks that what is on a volume is smaller than its partition, where that has a size. */
function checkRoom({ config, wrong }: Checked, keys: string[], size: string, volume: string): void {
  const partition = diskVolumes(config).find(({ name }) => name === volume)?.size ?? 'rest';
  if (partition !== 'rest' && parseSize(size) >= parseSize(partition))
    wrong(keys, `expected less than ${partition}, the size of install.volumes.${volume}, found ${size}`);
}

/** Sysctls that keys of ours stand for. */
const OURS: Readonly<Record<string, string>> = { 'kernel.panic': 'system.panic' };

/** Sysctls that are often set (sysctl(5), the kernel's admin-guide/sysctl): a name that is near to one of them is a slip. */
const KNOWN = `fs.aio-max-nr fs.file-max fs.inotify.max_user_instances fs.inotify.max_user_watches fs.nr_open
fs.protected_hardlinks fs.protected_symlinks fs.suid_dumpable kernel.dmesg_restrict kernel.kptr_restrict
kernel.perf_event_paranoid kernel.pid_max kernel.printk kernel.sysrq kernel.threads-max kernel.unprivileged_bpf_disabled
kernel.yama.ptrace_scope net.core.default_qdisc net.core.netdev_max_backlog net.core.rmem_default net.core.rmem_max
net.core.somaxconn net.core.wmem_default net.core.wmem_max net.ipv4.conf.all.rp_filter net.ipv4.conf.default.rp_filter
net.ipv4.conf.all.forwarding net.ipv4.ip_forward net.ipv4.ip_local_port_range net.ipv4.ip_nonlocal_bind
net.ipv4.ip_unprivileged_port_start net.ipv4.ping_group_range net.ipv4.tcp_congestion_control net.ipv4.tcp_fastopen
net.ipv4.tcp_fin_timeout net.ipv4.tcp_keepalive_time net.ipv4.tcp_max_syn_backlog net.ipv4.tcp_mtu_probing
net.ipv4.tcp_rmem net.ipv4.tcp_syncookies net.ipv4.tcp_tw_reuse net.ipv4.tcp_wmem net.ipv6.conf.all.disable_ipv6
net.ipv6.conf.all.forwarding net.ipv6.conf.default.disable_ipv6 net.ipv6.conf.all.accept_ra
net.netfilter.nf_conntrack_max user.max_user_namespaces vm.dirty_background_ratio vm.dirty_ratio vm.drop_caches
vm.max_map_count vm.min_free_kbytes vm.overcommit_memory vm.overcommit_ratio vm.panic_on_oom vm.swappiness
vm.vfs_cache_pressure`.split(/\s+/);
/** Parts in which names differ on purpose: versions of protocols, all and default. */
const FAMILY = /ipv[46]|\b(all|default)\b|[rw]mem/g;

/** The name of a known sysctl that was probably meant. */
function meantSysctl(name: string): string | undefined {
  if (KNOWN.includes(name)) return undefined;
  const near = didYouMean(name, KNOWN, 1);
  const family = (text: string): string => (text.match(FAMILY) ?? []).join();
  return near !== undefined && family(near) === family(name) ? near : undefined;
}

/** Checks that no sysctl is stated twice, by its two ways to write it (sysctl.d(5)), nor by another key. */
export function checkSysctl({ config, wrong, warn }: Checked): void {
  const seen = new Map<string, string>();
  for (const name of Object.keys(config.sysctl)) {
    const keys = ['sysctl', name];
    const path = sysctlPath(name);
    const other = seen.get(path);
    if (other !== undefined) wrong(keys, `expected each sysctl once: ${other} is the same one`);
    seen.set(path, name);
    const near = meantSysctl(path.replaceAll('/', '.'));
    if (near !== undefined)
      warn(keys, `no kernel is known to have it, and then it has no effect${meant(near)}`);
    const ours = OURS[path.replaceAll('/', '.')];
    if (ours !== undefined)
      wrong(keys, `expected ${ours} instead, which sets it from the start of the kernel`);
  }
}
