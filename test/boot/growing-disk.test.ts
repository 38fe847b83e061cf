import { growsWithItsDisk } from '../helpers/growing-disk';

for (const type of ['xfs', 'btrfs'] as const) growsWithItsDisk(type);
