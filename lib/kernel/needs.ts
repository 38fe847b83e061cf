import { effectsOf } from './effects';
import type { Image, Need } from './need';

type When = (image: Image) => boolean;

const always: When = () => true;
const never: When = () => false;
const docker: When = (image) => image.docker.enabled;
const packed =
  (compression: string): When =>
  ({ squash }) =>
    squash.compression === compression;
const started =
  (compression: string): When =>
  ({ initramfs }) =>
    initramfs.compression === compression;
const driver =
  (name: string): When =>
  (image) =>
    image.docker.enabled && image.docker.storage.driver === name;
/** The boot loader is a program for UEFI, and keeps what it boots on a FAT file system. */
const counted: When = ({ install: { target, layout, loader } }) =>
  target === 'image' && layout === 'gpt' && loader === 'systemd-boot';
/** The disk image's file system is ext4; volumes have the type that they state. */
const mounted =
  (type: string): When =>
  ({ install, volumes }) =>
    (type === 'ext4' && install.target === 'image') ||
    Object.values(volumes).some((volume) => volume.type === type);

/** The initramfs asks for an address. */
const fetched: When = ({ install }) => install.target === 'netboot';

/** The init that loads the first module is a script. */
const BUILT_IN = ['BINFMT_SCRIPT'];

/**
 * What the image's root, systemd, cgroups, networks and Docker need. Sources: systemd's README ("Kernel Config
 * Options"), the Docker documentation's list of kernel requirements and its check-config, the requirements of
 * iptables-nft (xtables-nft(8)), Documentation/filesystems/{squashfs,overlayfs}.rst.
 */
const PARTS = [
  part('Boot', always)`
    BLK_DEV_INITRD  starts from an initramfs
    BINFMT_ELF      runs programs
    BINFMT_SCRIPT   runs scripts
    DEVTMPFS        /dev
    TMPFS           holds what is written to the root
    PROC_FS         /proc
    SYSFS           /sys
  `,
  part('Boot', started('zstd'))`RD_ZSTD  an initramfs compressed with zstd`,
  part('Boot', started('gzip'))`RD_GZIP  an initramfs compressed with gzip`,
  part('Boot', mounted('ext4'))`EXT4_FS  disks and volumes`,
  part('Boot', mounted('xfs'))`XFS_FS  volumes of type xfs`,
  part('Boot', mounted('btrfs'))`BTRFS_FS  volumes of type btrfs`,
  part('Boot', fetched)`PACKET  DHCP, before the layers are fetched`,
  part('Boot', counted)`
    EFI_STUB          is a program for UEFI, which systemd-boot starts
    EFIVAR_FS         says whether a release is tried
    VFAT_FS           the EFI system partition
    NLS_CODEPAGE_437  names on it
  `,
  part('Boot', never)`
    IKCONFIG_PROC  shows the running configuration
  `,
  part('SquashFS', always)`
    SQUASHFS        the read-only root
    SQUASHFS_XATTR  file capabilities
    BLK_DEV_LOOP    layers are files
  `,
  part('SquashFS', packed('zstd'))`SQUASHFS_ZSTD  layers compressed with zstd`,
  part('SquashFS', packed('xz'))`SQUASHFS_XZ  layers compressed with xz`,
  part('SquashFS', packed('gzip'))`SQUASHFS_ZLIB  layers compressed with gzip`,
  part('SquashFS', packed('lz4'))`SQUASHFS_LZ4  layers compressed with lz4`,
  part('SquashFS', packed('lzo'))`SQUASHFS_LZO  layers compressed with lzo`,
  part('SquashFS', never)`
    SQUASHFS_DECOMP_MULTI_PERCPU|SQUASHFS_DECOMP_MULTI  reads on several cores at once
    DM_VERITY                                           a root that is verified as it is read
  `,
  part('Swap', ({ swap }) => swap !== undefined)`SWAP  swap space`,
  part('Swap', ({ swap }) => swap?.zram !== undefined)`ZRAM  swap space in compressed memory`,
  part('Overlayfs', always)`
    OVERLAY_FS   stacks the layers, and containers
    TMPFS_XATTR  overlayfs attributes on a tmpfs
  `,
  part('systemd', always)`
    CGROUPS       limits of containers and services
    INOTIFY_USER  path units, udev
    SIGNALFD      the event loop
    TIMERFD       timers
    EPOLL         the event loop
    FHANDLE       udev, mounts
    UNIX          sockets
    INET          IPv4
  `,
  part('systemd', never)`
    AUTOFS_FS        automount units
    TMPFS_POSIX_ACL  ACLs in /run and /dev
    FANOTIFY         file events
    KCMP             systemd-journald
    DMIID            recognises virtual machines
    PSI              systemd-oomd
  `,
  part('Control groups', docker)`
    MEMCG          memory controller
    CGROUP_SCHED   cpu controller
    CGROUP_PIDS    pids controller
    CPUSETS        cpuset controller
    CFS_BANDWIDTH  cpu.max
    BPF_SYSCALL    devices of containers
    CGROUP_BPF     devices of containers
  `,
  part('Control groups', never)`
    BLK_CGROUP          io controller
    BLK_DEV_THROTTLING  io.max
    FAIR_GROUP_SCHED    cpu.weight
    CGROUP_HUGETLB      hugetlb controller
    CGROUP_PERF         perf_event controller
    CGROUP_CPUACCT      cpu times, cgroup v1
    CGROUP_DEVICE       devices of containers, cgroup v1
    CGROUP_FREEZER      pause, cgroup v1
    NET_CLS_CGROUP      network classes
    CGROUP_NET_PRIO     network priorities
  `,
  part('Namespaces', docker)`
    NAMESPACES  containers
    UTS_NS      host names of containers
    IPC_NS      shared memory of containers
    PID_NS      processes of containers
    NET_NS      networks of containers
  `,
  part('Namespaces', never)`
    USER_NS  userns-remap, rootless, PrivateUsers=
    TIME_NS  clocks of containers
  `,
  part('Docker', docker)`
    KEYS            a key ring for each container
    POSIX_MQUEUE    /dev/mqueue in containers
    SECCOMP         default seccomp profile
    SECCOMP_FILTER  default seccomp profile
  `,
  part('Docker', driver('devicemapper'))`DM_THIN_PROVISIONING  the storage driver devicemapper`,
  part('Docker', never)`
    SECURITY_APPARMOR|SECURITY_SELINUX  confines containers
    EXT4_FS_POSIX_ACL                   ACLs in images
    EXT4_FS_SECURITY                    labels and capabilities in images
    CHECKPOINT_RESTORE                  docker checkpoint
    QFMT_V2                             quotas of volumes
  `,
  part('Networks', docker)`
    VETH                                                              a network link into each container
    BRIDGE                                                            docker0
    BRIDGE_NETFILTER                                                  filters between containers
    NF_CONNTRACK                                                      tracks connections
    NF_NAT                                                            address translation
    IP_NF_IPTABLES|NFT_COMPAT                                         iptables, legacy or nft
    IP_NF_FILTER|NF_TABLES_IPV4                                       filters
    IP_NF_NAT|NFT_NAT|NFT_COMPAT                                      published ports
    IP_NF_MANGLE|NFT_COMPAT                                           mangle table
    IP_NF_RAW|NFT_COMPAT                                              raw table: direct access to published ports
    IP_NF_TARGET_MASQUERADE|NETFILTER_XT_TARGET_MASQUERADE|NFT_MASQ   containers reach the network
    IPV6                                                              IPv6
    IP6_NF_FILTER|NF_TABLES_IPV6                                      filters, IPv6
    IP6_NF_NAT|NFT_NAT|NFT_COMPAT                                     published ports, IPv6
    IP6_NF_MANGLE|NFT_COMPAT                                          mangle table, IPv6
    IP6_NF_RAW|NFT_COMPAT                                             raw table, IPv6
    IP6_NF_TARGET_MASQUERADE|NETFILTER_XT_TARGET_MASQUERADE|NFT_MASQ  address translation, IPv6
    NETFILTER_XT_MATCH_ADDRTYPE                                       published ports
    NETFILTER_XT_MATCH_CONNTRACK                                      replies pass
    NETFILTER_XT_MATCH_IPVS                                           swarm
    NETFILTER_XT_MARK                                                 swarm
  `,
  part('Networks', never)`
    NF_TABLES                                           nftables, iptables-nft
    NFT_COMPAT                                          iptables-nft, today's iptables
    NF_TABLES_INET                                      nftables rules for IPv4 and IPv6
    NFT_CT                                              replies pass, with nftables
    NFT_FIB_IPV4                                        published ports, with nftables
    NFT_FIB_IPV6                                        published ports, with nftables, IPv6
    IP_NF_TARGET_REDIRECT|NETFILTER_XT_TARGET_REDIRECT  redirected ports
    NETFILTER_XT_MATCH_COMMENT                          comments in rules
    NETFILTER_XT_MATCH_MULTIPORT                        ranges of ports
    IP_VS                                               swarm
    IP_VS_NFCT                                          swarm
    IP_VS_PROTO_TCP                                     swarm
    IP_VS_PROTO_UDP                                     swarm
    IP_VS_RR                                            swarm
    VXLAN                                               overlay networks
    BRIDGE_VLAN_FILTERING                               overlay networks
    XFRM_USER                                           encrypted overlay networks
    INET_ESP                                            encrypted overlay networks
    NETFILTER_XT_MATCH_BPF                              encrypted overlay networks
    NETFILTER_XT_MATCH_POLICY                           encrypted overlay networks
    CRYPTO_GCM                                          encrypted overlay networks
    CRYPTO_SEQIV                                        encrypted overlay networks
    CRYPTO_GHASH|CRYPTO_LIB_GF128HASH                   encrypted overlay networks
    MACVLAN                                             macvlan networks
    IPVLAN                                              ipvlan networks
    DUMMY                                               internal macvlan networks
    NF_CONNTRACK_FTP                                    FTP out of containers
    NF_NAT_FTP                                          FTP out of containers
    NF_CONNTRACK_TFTP                                   TFTP out of containers
    NF_NAT_TFTP                                         TFTP out of containers
  `,
];

/** A tag for rows of `SYMBOL|SYMBOL  use`, one a line, that are necessary for the images that `necessary` names. */
function part(group: string, necessary: When) {
  return ([rows = '']: readonly string[]) =>
    (image: Image): Need[] =>
      [...rows.matchAll(/^ *(\S+) +(.+)$/gm)].map(([, symbols = '', use = '']) => ({
        group,
        symbols: symbols.split('|'),
        necessary: necessary(image),
        builtIn: BUILT_IN.includes(symbols),
        use,
      }));
}

/** What an image needs of its kernel, and what it could make use of. */
export function needsOf(image: Image): Need[] {
  return [...PARTS.flatMap((needs) => needs(image)), ...effectsOf(image)];
}
