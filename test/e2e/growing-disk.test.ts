import { growsWithItsDisk } from '../helpers/growing-disk';

growsWithItsDisk('ext4');
