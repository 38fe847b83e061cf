import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import {
  type Booted,
  bootTiny,
  emptyDisk,
  type Made,
  makeInitramfs,
  tinyBase,
  tinyDisk,
} from '../helpers/initramfs-machine';

/** Says the time before the machine goes on. */
const SAYS = `run_cleanuphook() { echo "fact: clock $(date -u +%s)"; }\n`;
/** A machine without a battery for its clock begins in 1970. */
const FORGETS = `run_earlyhook() { date -u -s @86400 >/dev/null; }\n`;
const CLOCK = '.dock0-state/root/var/lib/systemd/timesync/clock';
const NOW = Math.floor(Date.now() / 1000);

describe('the clock at boot', () => {
  let folder: string;
  let made: Made;
  let machine: Awaited<ReturnType<typeof tinyDisk>>;
  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'dock0-clock-'));
    mkdirSync(join(folder, 'hooks'));
    writeFileSync(join(folder, 'hooks/clock'), `${SAYS}\n`);
    machine = await tinyDisk(folder, 'tiny', { '10-root': tinyBase() });
  });
  after(() => rmSync(folder, { recursive: true }));

  const make = async (forgets: boolean): Promise<void> => {
    writeFileSync(join(folder, 'hooks/clock'), forgets ? `${FORGETS}${SAYS}` : SAYS);
    made = await makeInitramfs(folder, {
      initramfs: { hooks: ['base', 'clock', 'dock0'], hooks_dir: './hooks' },
      volumes: { docker: null, data: { label: 'data', path: '/data' } },
      state: { volume: 'data' },
    });
  };
  /** Boots with a clock that the state saved. */
  const boot = async (saved?: number): Promise<Booted> => {
    const tree = mkdtempSync(join(folder, 'tree-'));
    if (saved !== undefined) {
      mkdirSync(join(tree, CLOCK, '..'), { recursive: true });
      writeFileSync(join(tree, CLOCK), '');
      utimesSync(join(tree, CLOCK), saved, saved);
    }
    const data = await emptyDisk(join(folder, 'data.img'), 'data', tree);
    return bootTiny(folder, made, 'dock0.root=LABEL=tiny dock0.release=current', [machine, data]);
  };
  const clock = ({ facts }: Booted): number => Number(facts('clock')[0]);

  it('is never before the release was made, without a battery and without a state', async () => {
    await make(true);
    const booted = await boot();
    expect(booted.console.join('\n')).to.match(
      /the clock is set to 2\d{3}-\S+ \S+, when the release was made/,
    );
    expect(clock(booted)).to.be.within(NOW - 60, Date.now() / 1000 + 60);
  });

  it('goes on from the last time that the machine knew', async () => {
    await make(true);
    const later = NOW + 30 * 86_400;
    const booted = await boot(later);
    expect(booted.console.join('\n')).to.match(/the clock is set to .*, the last time that was known/);
    expect(clock(booted)).to.be.within(later, later + 600);
  });

  it('is not set back by either', async () => {
    await make(false);
    const booted = await boot(NOW - 30 * 86_400);
    expect(booted.console.join('\n')).not.to.contain('the clock is set');
    expect(clock(booted)).to.be.within(NOW - 60, Date.now() / 1000 + 60);
  });
});
