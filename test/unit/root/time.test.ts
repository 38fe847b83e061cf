import { expect } from 'chai';
import { timeFiles, timeUnits } from '../../../lib/root/time';

const DOCKER = { enabled: true } as never;
const pathsOf = (time: { wait: boolean; servers: string[] }): string[] =>
  timeFiles({ time, docker: DOCKER }).map(({ path }) => path);

describe('the time of a machine', () => {
  it('comes from the servers that are stated', () => {
    const [file] = timeFiles({
      time: { wait: false, servers: ['10.0.0.1', 'ntp.example.org'] },
      docker: DOCKER,
    });
    expect(file).to.include({
      path: 'etc/systemd/timesyncd.conf.d/10-dock0.conf',
      content: '[Time]\nNTP=10.0.0.1 ntp.example.org\n',
    });
    expect(pathsOf({ wait: false, servers: [] })).to.deep.equal([]);
  });

  it('is waited for by Docker only where that is asked for', () => {
    const [file] = timeFiles({ time: { wait: true, servers: [] }, docker: DOCKER });
    expect(file).to.include({ path: 'etc/systemd/system/docker.service.d/10-dock0-time.conf' });
    expect((file as { content: string }).content).to.match(/After=time-sync\.target/);
    expect(
      timeFiles({ time: { wait: true, servers: [] }, docker: { enabled: false } as never }),
    ).to.deep.equal([]);
  });

  it('is set and waited for by the units of the program that the image has', () => {
    const units = (wait: boolean, ...there: string[]): string[] =>
      timeUnits({ time: { wait, servers: ['10.0.0.1'] } }, (unit) => there.includes(unit));
    const timesync = ['systemd-timesyncd.service', 'systemd-time-wait-sync.service'];
    expect(units(true, ...timesync)).to.deep.equal(timesync);
    expect(units(false, ...timesync)).to.deep.equal(['systemd-timesyncd.service']);
    expect(units(true, ...timesync, 'chrony.service', 'chrony-wait.service')).to.deep.equal([
      'chrony.service',
      'chrony-wait.service',
    ]);
    expect(units(true)).to.deep.equal([]);
    const none = timeUnits({ time: { wait: false, servers: [] } }, () => true);
    expect(none).to.deep.equal([]);
  });
});
