/**
 * A configuration of mke2fs that decides all that its version or the host's own file would: mke2fs.conf(5). The features are
 * those that every kernel of use can write.
 *
 * @param bytesPerInode one inode for so many bytes of the file system
 * @param more features beside them
 */
export function mke2fsConf(bytesPerInode: number, more: readonly string[] = []): string {
  const features = [
    'has_journal',
    'extent',
    'huge_file',
    'flex_bg',
    ...more,
    '64bit',
    'dir_nlink',
    'extra_isize',
  ];
  return `[defaults]
  base_features = sparse_super,large_file,filetype,resize_inode,dir_index,ext_attr
  blocksize = 4096
  inode_size = 256
  inode_ratio = ${bytesPerInode}
[fs_types]
${['ext4', 'small', 'floppy', 'big', 'huge']
  .map((type) => `  ${type} = {\n    features = ${features.join(',')}\n  }\n`)
  .join('')}`;
}
