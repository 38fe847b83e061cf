import { expect } from 'chai';
import { cmdlineOf } from '../../../lib/release/cmdline';
import { behaviourOf, machineFiles, machineUnits } from '../../../lib/root/machine';
import { cleanUp, load } from '../config/workspace';

const PROGRAMS = {
  swap: '/hooks/machine/swap',
  'volume-usage': '/hooks/machine/volume-usage',
  releases: '/hooks/machine/releases',
  confirm: '/hooks/machine/confirm',
  'loaders/grub': '/hooks/machine/loaders/grub',
  'loaders/systemd-boot': '/hooks/machine/loaders/systemd-boot',
};
const NO_VOLUMES =
  'docker: {enabled: false}\nvolumes: {docker: ~}\ninstall: {target: directory}\nconsoles: [ttyS0, tty0]\n';

describe('what a machine does while it runs', () => {
  afterEach(cleanUp);
  const files = (text: string): Record<string, string> => {
    const made = machineFiles(behaviourOf(load({ 'dock0.yaml': text }).base), PROGRAMS);
    return Object.fromEntries(
      made.map((file) => [file.path, 'content' in file ? String(file.content) : file.source]),
    );
  };
  const words = (text: string): string => cmdlineOf(load({ 'dock0.yaml': text }).base);

  it('is, by default, what the distribution has', () => {
    expect(files(NO_VOLUMES)).to.deep.equal({});
  });

  it('is set by sysctls, modules to load, and the watchdog', () => {
    const text =
      'sysctl: {vm.swappiness: 10, net.ipv4.ip_local_port_range: 1024 65000}\nmodules: {load: [tun]}\nsystem: {watchdog: 30}\n';
    expect(files(`${NO_VOLUMES}${text}`)).to.deep.equal({
      'etc/sysctl.d/80-dock0.conf': 'vm.swappiness = 10\nnet.ipv4.ip_local_port_range = 1024 65000\n',
      'etc/modules-load.d/10-dock0.conf': 'tun\n',
      'etc/systemd/system.conf.d/10-dock0.conf': '[Manager]\nRuntimeWatchdogSec=30\n',
    });
  });

  it('offers a login on consoles whose drivers come late', () => {
    const rules = 'etc/udev/rules.d/80-dock0-consoles.rules';
    const rule = (name: string): string =>
      `SUBSYSTEM=="tty", KERNEL=="${name}", TAG+="systemd", ENV{SYSTEMD_WANTS}+="serial-getty@${name}.service"\n`;
    expect(files('name: x\n')[rules]).to.equal(rule('hvc0'));
    expect(files('consoles: ["ttyUSB0,9600", tty0]\n')[rules]).to.equal(rule('ttyUSB0'));
    expect(files('kernel: {cmdline: [console=ttyS1, console=hvc1]}\n')[rules]).to.equal(rule('hvc1'));
    expect(files('kernel: {cmdline: [console=ttyS1]}\n')).not.to.have.property(rules);
  });

  it('has swap space in memory, or in a file of a volume', () => {
    const unit = 'etc/systemd/system/dock0-swap.service';
    expect(files('swap: {zram: 50%}\n')).to.include({ 'usr/lib/dock0/swap': '/hooks/machine/swap' });
    expect(files('swap: {zram: 50%}\n')[unit]).to.match(/^ExecStart=\/usr\/lib\/dock0\/swap zram 50$/m);
    expect(files('swap: {file: 1G, volume: docker}\n')[unit]).to.match(
      /^ExecStart=\/usr\/lib\/dock0\/swap file \/var\/lib\/docker\/\.dock0-swap 1073741824$/m,
    );
    const odd =
      'volumes: {docker: {label: docker, path: "/var/lib"}, d: {label: d, path: "/srv/50% of $x"}}\n';
    expect(files(`${odd}swap: {file: 1G, volume: d}\n`)[unit]).to.match(
      /swap file "\/srv\/50%% of \$\$x\/\.dock0-swap" 1073741824$/m,
    );
  });

  it('looks now and then how full its volumes are, and only where it has some', () => {
    const made = files('install: {layout: filesystem}\nconsoles: [tty0]\n');
    expect(Object.keys(made)).to.deep.equal([
      'etc/systemd/system/dock0-volume-usage.service',
      'etc/systemd/system/dock0-volume-usage.timer',
      'usr/lib/dock0/volume-usage',
    ]);
    const units = machineUnits(
      machineFiles(behaviourOf(load({ 'dock0.yaml': 'install: {layout: filesystem}\n' }).base), PROGRAMS),
    );
    expect(units).to.deep.equal(['dock0-volume-usage.timer']);
  });

  it('is told the kernel by its command line: consoles, the reboot after a crash, parameters of modules', () => {
    expect(words('name: x\n')).to.match(
      /^quiet console=hvc0 console=ttyS0,115200 console=tty0 panic=10 dock0\.root=/,
    );
    expect(words('modules: {options: {kvm_intel: {nested: true, ept: 0}}}\n')).to.contain(
      ' kvm_intel.nested=Y kvm_intel.ept=0 ',
    );
    expect(words('system: {panic: 0}\n')).not.to.contain('panic=');
  });

  it('is what the words of the command line say, where they say something', () => {
    const own = words('kernel: {cmdline: [console=ttyS1, panic=-1]}\n');
    expect(own).to.match(/^console=ttyS1 panic=-1 dock0\.root=/);
  });
});
