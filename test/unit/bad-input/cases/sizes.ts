import type { BadInput } from '../table';

const TOO_MUCH = 'expected a size of at most 8191T, found "9000T"';
const DOCKER = 'volumes: {docker: {label: docker, path: /var/lib/docker, type: xfs}}\n';

/** Sizes that no file system, format or number holds. */
export const CASES: readonly BadInput[] = [
  {
    name: 'a disk image of more bytes than a number counts',
    config: 'install: {size: 9000T}\n',
    says: `dock0.yaml:1:17: install.size: ${TOO_MUCH}`,
  },
  {
    name: 'a root of more bytes than a number counts',
    config: 'fs: {backend: image, size: 9000T}\n',
    says: `dock0.yaml:1:28: fs.size: ${TOO_MUCH}`,
  },
  {
    name: 'a swap file of more bytes than a number counts',
    config: `${DOCKER}swap: {file: 9000T, volume: docker}\n`,
    says: `dock0.yaml:2:14: swap.file: ${TOO_MUCH}`,
  },
  {
    name: 'a virtual machine with more memory than a number counts',
    config: 'verify: {memory: 9000T}\n',
    says: `dock0.yaml:1:18: verify.memory: ${TOO_MUCH}`,
  },
  {
    name: 'a container with more memory than a number counts',
    config: 'containers: {web: {image: nginx, memory: 9000T}}\n',
    says: `dock0.yaml:1:42: containers.web.memory: ${TOO_MUCH}`,
  },
  {
    name: 'a partition of more bytes than a number counts',
    config: `${DOCKER}install: {layout: gpt, volumes: {docker: {size: 9000T}}}\n`,
    says: `dock0.yaml:2:49: install.volumes.docker.size: ${TOO_MUCH}`,
  },
  {
    name: 'a disk image that is smaller than its volumes',
    config: `${DOCKER}install: {layout: gpt, size: 2G, volumes: {docker: {size: 10G}}}\n`,
    says: 'dock0.yaml:2:30: install.size: expected more than 10277M, which its volumes and boot loader take, found 2G',
  },
  {
    name: 'a disk image that its boot loader fills',
    config: 'install: {layout: gpt, size: 40M}\n',
    says: 'dock0.yaml:1:30: install.size: expected more than 37M, which its volumes and boot loader take, found 40M',
  },
  {
    name: 'partitions of more than a file holds',
    config: `${DOCKER}install: {layout: gpt, volumes: {docker: {size: 17T}}}\n`,
    says: 'dock0.yaml:2:49: install.volumes.docker.size: expected partitions of at most 16T together: the disk image is a file',
  },
  {
    name: 'a vhd of more than the format holds',
    config: 'install: {formats: vhd, size: 3T}\n',
    says: 'dock0.yaml:1:11: install.formats: expected no vhd for a disk of more than 2040G: the format ends there',
  },
  {
    name: 'a swap file that fills the partition of its volume',
    config: `${DOCKER}install: {layout: gpt, volumes: {docker: {size: 10G}}}\nswap: {file: 10G, volume: docker}\n`,
    says: 'dock0.yaml:3:14: swap.file: expected less than 10G, the size of install.volumes.docker, found 10G',
  },
];
