import { namesInRoot } from '../../root/path';
import { readInRoot } from '../../root/tree';
import type { Distribution } from '../provider';

const DATABASE = 'var/lib/dpkg/info';

/** dpkg(1) has a list of files for each package: `bash.list`, `libc6:amd64.list`. */
export const ownership: NonNullable<Distribution['ownership']> = (root) =>
  namesInRoot(root, DATABASE)
    .filter((name) => name.endsWith('.list'))
    .map((name) => {
      const paths = (readInRoot(root, `${DATABASE}/${name}`) ?? '').split('\n');
      return [
        name.replace(/(:\w+)?\.list$/, ''),
        paths.filter((path) => path.length > 2).map((path) => path.slice(1)),
      ];
    });
