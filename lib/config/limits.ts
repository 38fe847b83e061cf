/** Limits of kernels, file systems and formats that values of the configuration run into. */

/** The longest label of each file system, in bytes (mkfs.ext4(8), mkfs.xfs(8), mkfs.btrfs(8)). */
export const LABEL_BYTES = { ext4: 16, xfs: 12, btrfs: 255 } as const;

/** The smallest file system that mkfs makes of each type, in bytes. */
export const LEAST_BYTES = { ext4: 16 * 2 ** 20, xfs: 300 * 2 ** 20, btrfs: 109 * 2 ** 20 } as const;

/** The least memory of a virtual machine that starts a release, in bytes. */
export const LEAST_MEMORY = 128 * 2 ** 20;

/** The largest file that an ext4 file system with blocks of 4 KiB holds. */
export const MOST_FILE_BYTES = 16 * 2 ** 40;

/** The largest disk of the Virtual Hard Disk Image Format, for its readers: 2040 GiB. */
export const MOST_VHD_BYTES = 2040 * 2 ** 30;

/** The largest size that a number of bytes holds exactly (2^53). */
export const MOST_TEBIBYTES = 8191;

/** The last second that squashfs, cpio and old inodes hold (32 bits, unsigned). */
export const LAST_SECOND = 2 ** 32 - 1;

/** The largest id of a user or a group: the next one, (uid_t) -1, means "no change" (chown(2)). */
export const LAST_ID = 2 ** 32 - 2;

/** The longest name of a user (useradd(8)). */
export const USER_NAME = 32;

/** The longest host name (HOST_NAME_MAX, sethostname(2)). */
export const HOST_NAME = 64;

/** The longest name of a file, and the longest path, in bytes (NAME_MAX, PATH_MAX without the NUL at the end). */
export const FILE_NAME = 255;
export const PATH = 4095;

/** The longest command line of a kernel, in bytes (COMMAND_LINE_SIZE of x86 and arm64 without the NUL at the end). */
export const COMMAND_LINE = 2047;

/** The longest name of a kernel module (MODULE_NAME_LEN without the NUL at the end). */
export const MODULE_NAME = 55;

/** The longest release of a kernel (UTS_LEN without the NUL), and what is left of it for a suffix. */
export const KERNEL_SUFFIX = 40;

/** The longest name of a systemd unit (UNIT_NAME_MAX). */
export const UNIT_NAME = 255;

/** The longest delay of a timer, in seconds: setTimeout counts milliseconds in 31 bits. */
export const LONGEST_WAIT = 2_000_000;

/** The longest name of a network interface, in bytes (IFNAMSIZ without the NUL at the end). */
export const INTERFACE_NAME = 15;

/** The smallest packets that every link of IPv6 carries, in bytes (RFC 8200, section 5). */
export const IPV6_MTU = 1280;

/** The longest name of an image without its tag, in letters (distribution's package `reference`). */
export const IMAGE_NAME = 255;

/** The longest name of a partition, in letters (UEFI specification, 5.3.3: 72 bytes of UTF-16). */
export const PARTITION_NAME = 36;
