import { key, list, section, text, yesNo } from './kinds';

/** How the machine knows what time it is. */
export const time = {
  time: section('The time of the machine', {
    wait: key(
      yesNo(),
      'whether Docker, and with it every container, starts only once a server has told the time',
      false,
    ),
    servers: key(
      list(
        text('a host name or an address', /^[A-Za-z0-9]([A-Za-z0-9.:-]*[A-Za-z0-9])?\.?$/),
        'a list of host names or addresses',
      ),
      "NTP servers for systemd-timesyncd; default: those of DHCP, else the distribution's",
      [],
    ),
  }),
};
