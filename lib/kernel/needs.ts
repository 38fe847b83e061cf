/** One thing the image needs of its kernel. */
export interface Need {
  /** Heading of the table. */
  group: string;
  /** Any one of these symbols, without `CONFIG_`, gives it. */
  symbols: readonly string[];
  necessary: boolean;
  /** What for. */
  use: string;
}

type Row = readonly [symbols: string, use: string];

function group(name: string, necessary: readonly Row[], optional: readonly Row[] = []): Need[] {
  const need =
    (must: boolean) =>
    ([symbols, use]: Row): Need => ({ group: name, symbols: symbols.split('|'), necessary: must, use });
  return [...necessary.map(need(true)), ...optional.map(need(false))];
}

/**
 * What the image's root, systemd, cgroups, networks and Docker need. Sources: systemd's README ("Kernel Config
 * Options"), the Docker documentation's list of kernel requirements, the requirements of iptables-nft
 * (xtables-nft(8)), Documentation/filesystems/{squashfs,overlayfs}.rst.
 */
export const NEEDS: readonly Need[] = [
  ...group(
    'Boot',
    [
      ['BLK_DEV_INITRD', 'starts from an initramfs'],
      ['BINFMT_ELF', 'runs programs'],
      ['BINFMT_SCRIPT', 'runs scripts'],
      ['DEVTMPFS', '/dev'],
      ['TMPFS', 'what is written to the root goes to a tmpfs'],
      ['PROC_FS', '/proc'],
      ['SYSFS', '/sys'],
    ],
    [
      ['RD_ZSTD', 'an initramfs compressed with zstd'],
      ['RD_GZIP', 'an initramfs compressed with gzip'],
      ['EXT4_FS', 'disks and volumes'],
      ['IKCONFIG_PROC', 'the running kernel tells its configuration'],
      ['EFI_STUB', 'started by the firmware, without a boot loader'],
    ],
  ),
  ...group(
    'SquashFS',
    [
      ['SQUASHFS', 'the read-only root'],
      ['SQUASHFS_XATTR', 'file capabilities'],
      ['BLK_DEV_LOOP', 'layers are files'],
    ],
    [
      ['SQUASHFS_ZSTD', 'layers compressed with zstd'],
      ['SQUASHFS_XZ', 'layers compressed with xz'],
      ['SQUASHFS_LZ4', 'layers compressed with lz4'],
      ['SQUASHFS_ZLIB', 'layers compressed with gzip'],
      ['SQUASHFS_DECOMP_MULTI_PERCPU|SQUASHFS_DECOMP_MULTI', 'reads on several cores at once'],
      ['DM_VERITY', 'a root that is verified as it is read'],
    ],
  ),
  ...group('Overlayfs', [
    ['OVERLAY_FS', 'stacks the layers, and containers'],
    ['TMPFS_XATTR', 'marks of overlayfs on a tmpfs'],
  ]),
  ...group(
    'systemd',
    [
      ['INOTIFY_USER', 'path units, udev'],
      ['SIGNALFD', 'the event loop'],
      ['TIMERFD', 'timers'],
      ['EPOLL', 'the event loop'],
      ['FHANDLE', 'udev, mounts'],
      ['UNIX', 'sockets'],
    ],
    [
      ['AUTOFS_FS', 'automount units'],
      ['TMPFS_POSIX_ACL', 'access lists in /run and /dev'],
      ['FANOTIFY', 'file events'],
      ['KCMP', 'systemd-journald'],
      ['DMIID', 'recognises virtual machines'],
      ['PSI', 'systemd-oomd'],
    ],
  ),
  ...group(
    'Control groups',
    [
      ['CGROUPS', 'limits of containers and services'],
      ['MEMCG', 'memory controller'],
      ['CGROUP_SCHED', 'cpu controller'],
      ['CGROUP_PIDS', 'pids controller'],
      ['CPUSETS', 'cpuset controller'],
      ['BPF_SYSCALL', 'devices of containers'],
      ['CGROUP_BPF', 'devices of containers'],
    ],
    [
      ['BLK_CGROUP', 'io controller'],
      ['BLK_DEV_THROTTLING', 'io.max'],
      ['FAIR_GROUP_SCHED', 'cpu.weight'],
      ['CFS_BANDWIDTH', 'cpu.max'],
      ['CGROUP_HUGETLB', 'hugetlb controller'],
      ['CGROUP_PERF', 'perf_event controller'],
      ['CGROUP_DEVICE', 'devices of containers, cgroup v1'],
      ['CGROUP_FREEZER', 'pause, cgroup v1'],
      ['NET_CLS_CGROUP', 'network classes'],
      ['CGROUP_NET_PRIO', 'network priorities'],
    ],
  ),
  ...group(
    'Namespaces',
    [
      ['NAMESPACES', 'containers'],
      ['UTS_NS', 'host names of containers'],
      ['IPC_NS', 'shared memory of containers'],
      ['PID_NS', 'processes of containers'],
      ['NET_NS', 'networks of containers'],
    ],
    [
      ['USER_NS', 'userns-remap, rootless, PrivateUsers='],
      ['TIME_NS', 'clocks of containers'],
    ],
  ),
  ...group(
    'Docker',
    [
      ['KEYS', 'a key ring a container'],
      ['POSIX_MQUEUE', '/dev/mqueue in containers'],
    ],
    [
      ['SECCOMP', 'the default profile of system calls'],
      ['SECCOMP_FILTER', 'the default profile of system calls'],
      ['SECURITY_APPARMOR|SECURITY_SELINUX', 'confines containers'],
      ['EXT4_FS_POSIX_ACL', 'access lists in images'],
      ['EXT4_FS_SECURITY', 'labels and capabilities in images'],
      ['CHECKPOINT_RESTORE', 'docker checkpoint'],
      ['QFMT_V2', 'quotas of volumes'],
    ],
  ),
  ...group(
    'Networks',
    [
      ['INET', 'IPv4'],
      ['VETH', 'a cable into each container'],
      ['BRIDGE', 'docker0'],
      ['BRIDGE_NETFILTER', 'filters between containers'],
      ['NF_CONNTRACK', 'follows connections'],
      ['NF_NAT', 'address translation'],
      ['IP_NF_IPTABLES|NFT_COMPAT', 'iptables, of either kind'],
      ['IP_NF_FILTER|NF_TABLES_IPV4', 'filters'],
      ['IP_NF_NAT|NFT_NAT|NFT_COMPAT', 'published ports'],
      ['IP_NF_TARGET_MASQUERADE|NETFILTER_XT_TARGET_MASQUERADE|NFT_MASQ', 'containers reach the network'],
      ['NETFILTER_XT_MATCH_ADDRTYPE', 'published ports'],
      ['NETFILTER_XT_MATCH_CONNTRACK', 'answers pass'],
    ],
    [
      ['IPV6', 'IPv6'],
      ['NF_TABLES', 'nftables, iptables-nft'],
      ['NFT_COMPAT', "iptables-nft, today's iptables"],
      ['NF_TABLES_INET', 'nftables rules for IPv4 and IPv6'],
      ['IP_NF_MANGLE|NFT_COMPAT', 'mangle table'],
      ['IP_NF_RAW|NFT_COMPAT', 'raw table: direct access to published ports'],
      ['IP6_NF_FILTER|NF_TABLES_IPV6', 'filters, IPv6'],
      ['IP6_NF_NAT|NFT_NAT', 'published ports, IPv6'],
      ['IP6_NF_TARGET_MASQUERADE|NETFILTER_XT_TARGET_MASQUERADE|NFT_MASQ', 'address translation, IPv6'],
      ['NETFILTER_XT_MARK', 'swarm'],
      ['NETFILTER_XT_MATCH_COMMENT', 'comments in rules'],
      ['NETFILTER_XT_MATCH_MULTIPORT', 'ranges of ports'],
      ['NETFILTER_XT_MATCH_IPVS', 'swarm'],
      ['IP_VS', 'swarm'],
      ['IP_VS_RR', 'swarm'],
      ['VXLAN', 'overlay networks'],
      ['BRIDGE_VLAN_FILTERING', 'overlay networks'],
      ['XFRM_USER', 'encrypted overlay networks'],
      ['INET_ESP', 'encrypted overlay networks'],
      ['CRYPTO_GCM', 'encrypted overlay networks'],
      ['MACVLAN', 'macvlan networks'],
      ['IPVLAN', 'ipvlan networks'],
      ['DUMMY', 'internal macvlan networks'],
      ['NF_NAT_FTP', 'FTP out of containers'],
      ['NF_NAT_TFTP', 'TFTP out of containers'],
    ],
  ),
];
