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
];
