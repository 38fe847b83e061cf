import { MODULE_NAME } from '../limits';
import { choice, either, fields, key, list, map, section, size, text, whole, yesNo } from './kinds';

const moduleName = () => text('a module name', new RegExp(`^[A-Za-z0-9_-]{1,${MODULE_NAME}}$`));

/** A word of the kernel command line: a value with a blank would end it. */
const parameter = either(
  'a number, true, false, or a text without blanks and quotes',
  text('a text without blanks and quotes', /^[!#-&(-~]+$/),
  whole('a whole number', Number.MIN_SAFE_INTEGER),
  yesNo(),
);

/** How the machine behaves while it runs. */
export const machine = {
  consoles: key(
    list(
      text('a console such as tty0 or ttyS0,115200', /^[A-Za-z]+[0-9]*(,[0-9]+([noe]([78]r?)?)?)?$/),
      'a list of consoles',
    ),
    'where kernel messages go and a login is offered, as far as the machine has them; the last one is the main one. With `console=` in kernel.cmdline that counts instead',
    ['hvc0', 'ttyS0,115200', 'tty0'],
  ),
  health: section('What a new release has to pass to be booted from then on; layout gpt', {
    commands: key(
      list(text('a command of one line', /^[^\n]+$/), 'a list of commands'),
      'commands that have to succeed, besides Docker, which has to answer, and containers, which have to run',
      [],
    ),
    timeout: key(whole('seconds, 10 to 600', 10, 600), 'seconds that it gets after multi-user.target', 300),
  }),
  system: section('What the machine does when it hangs or crashes', {
    panic: key(
      whole('seconds, 0 to 3600', 0, 3600),
      'seconds until it reboots after its kernel crashed; 0: never',
      10,
    ),
    watchdog: key(
      either('off, or seconds, 10 to 3600', choice('off'), whole('seconds, 10 to 3600', 10, 3600)),
      'seconds after which its hardware watchdog, where it has one, resets it if systemd hangs',
      'off',
    ),
  }),
  sysctl: key(
    map(
      text('a sysctl such as net.core.somaxconn', /^[a-z0-9_-]+([./][A-Za-z0-9_*@:-]+)+$/),
      either(
        'a whole number or a text',
        text('a text of one line', /^[^\s](.*[^\s])?$/),
        whole('a whole number', Number.MIN_SAFE_INTEGER),
      ),
      'a map of sysctls',
    ),
    'parameters of the kernel to set at boot, as sysctl.d(5) has them',
    {},
  ),
  modules: section('Modules of the kernel', {
    load: key(list(moduleName(), 'a list of modules'), 'modules to load at boot', []),
    options: key(
      map(
        moduleName(),
        map(text('a parameter', /^[A-Za-z0-9_-]+$/), parameter, 'a map of parameters, such as {nested: 1}'),
        'a map of modules to their parameters',
      ),
      'parameters of modules, whether they are loaded or built in: words of the kernel command line',
      {},
    ),
  }),
  swap: key(
    fields({
      zram: key(
        text('a share of the memory such as 50%', /^([1-9][0-9]?|1[0-9]{2}|200)%$/),
        'compressed swap space in memory, as a share of it, up to 200%',
      ),
      file: key(size(), 'a swap file of this size on a volume'),
      volume: key(
        text('the name of a volume', /^[a-z0-9][a-z0-9_-]*$/),
        'the one of `volumes` that holds the file',
      ),
    }),
    'swap space: exactly one of zram and file; default: none',
  ),
};
