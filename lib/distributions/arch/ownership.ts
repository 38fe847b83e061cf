import { namesInRoot } from '../../root/path';
import { readInRoot } from '../../root/tree';
import type { Distribution } from '../provider';

const DATABASE = 'var/lib/pacman/local';

/** pacman(8) has a folder for each package, with a list of its files below the heading %FILES%. */
export const ownership: NonNullable<Distribution['ownership']> = (root) =>
  namesInRoot(root, DATABASE)
    .filter((folder) => folder !== 'ALPM_DB_VERSION')
    .map((folder) => {
      const text = readInRoot(root, `${DATABASE}/${folder}/files`) ?? '';
      const paths = (/^%FILES%\n((?:.+\n)*)/m.exec(text)?.[1] ?? '').split('\n');
      return [
        folder.replace(/-[^-]+-[^-]+$/, ''),
        paths.filter((path) => path !== '' && !path.endsWith('/')),
      ];
    });
