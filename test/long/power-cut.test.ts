import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import type { Place } from '../../lib/install/layout';
import { onDisk, placesIn } from '../../lib/install/onto';
import { run } from '../../lib/system/process';
import { bootFrom } from '../helpers/bootable-disk';
import { type Cut, chooseCuts, type Replay, startReplay, takeApart } from '../helpers/power-cut/cut';
import { judge, type Verdict } from '../helpers/power-cut/judge';
import {
  firmwareOf,
  type LoaderName,
  NEW,
  OLD,
  type Recorded,
  recordUpdate,
} from '../helpers/power-cut/update';
import { type Entry, readLog } from '../helpers/power-cut/write-log';
import { randomFrom } from '../helpers/property/mutations';

// With each boot loader.
const POINTS = Number(process.env.DOCK0_POINTS ?? 500);
const BOOTS = Number(process.env.DOCK0_BOOTS ?? 20);

describe('a machine whose power fails while it is updated', () => {
  const seed = Number(process.env.DOCK0_SEED ?? Date.now() % 1_000_000);
  for (const loader of ['grub', 'systemd-boot'] satisfies LoaderName[])
    describe(`with ${loader} (seed ${seed})`, () => {
      let folder: string;
      // In memory, where there is such a folder: each moment is a copy of the disk.
      let fast: string;
      let recorded: Recorded;
      let entries: Entry[];
      let places: Record<'esp' | 'releases', Place>;
      const judged: { cut: Cut; verdict: Verdict }[] = [];
      const start = (): Promise<Replay> => startReplay(recorded.before, entries, places, fast);
      const look = ({ parts }: Replay): Promise<Verdict> => judge(parts, recorded, join(fast, 'look'));
      before(async () => {
        folder = mkdtempSync(join(tmpdir(), 'dock0-power-'));
        fast = mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'dock0-power-'));
        recorded = await recordUpdate(loader, folder);
        entries = readLog(recorded.log);
        const found = await placesIn(recorded.before, run);
        if (found === undefined) throw new Error(`${recorded.before} has no releases`);
        places = found;
      });
      after(() => {
        for (const each of [folder, fast]) rmSync(each, { recursive: true, force: true });
      });

      it('boots the old release before the update, and the new one after it', async () => {
        expect(recorded.facts).to.deep.equal([
          `booted ${OLD}`,
          'removed the release a0',
          `release ${NEW} is on the disk; the next boot tries it`,
          `${NEW} trying:1`,
          `${OLD} current running`,
          'a1 previous',
          `booted ${NEW}`,
          `release ${NEW} boots from now on`,
          `${NEW} current running`,
          `${OLD} previous`,
          'a1',
        ]);
        expect(entries.filter((entry) => entry === 'flush')).to.have.length.above(20);
        const replay = await start();
        const cut = (kept: number): Cut => ({ kept, besides: [], what: '' });
        const flushed = entries.lastIndexOf('flush');
        expect(await replay.at(cut(0), () => look(replay))).to.deep.equal({ boots: OLD });
        // All that the machine did not flush is lost.
        expect(await replay.at(cut(flushed), () => look(replay))).to.deep.equal({ boots: NEW });
        replay.close();
      });

      it(`boots one of both after ${POINTS} other moments`, async () => {
        const replay = await start();
        for (const cut of chooseCuts(entries, POINTS, randomFrom(seed)))
          judged.push({ cut, verdict: await replay.at(cut, () => look(replay)) });
        replay.close();
        const count = (boots: string): number =>
          judged.filter(({ verdict }) => verdict.boots === boots).length;
        console.log(
          `      ${entries.length} entries, ${judged.length} points: ${count(OLD)} old, ${count(NEW)} new, ${count('neither')} neither`,
        );
        const wrong = judged.flatMap(({ cut, verdict }) =>
          verdict.boots === 'neither' ? [`${cut.what}: ${verdict.why}`] : [],
        );
        expect(wrong, `seed ${seed}`).to.deep.equal([]);
        expect(count(OLD)).to.be.above(0);
        expect(count(NEW)).to.be.above(0);
      });

      it('would boot neither after some moments, if the disk did not keep what the machine flushed', async () => {
        const unkept = entries.filter((entry) => entry !== 'flush');
        const replay = await startReplay(recorded.before, unkept, places, fast);
        const boots: string[] = [];
        for (const cut of chooseCuts(unkept, 40, randomFrom(seed)))
          boots.push((await replay.at(cut, () => look(replay))).boots);
        replay.close();
        expect(boots).to.include('neither');
      });

      it(`boots what that says, after ${BOOTS} of them, and can be updated then`, async () => {
        const random = randomFrom(seed + 1);
        const chosen = judged
          .map((each) => ({ ...each, at: random() }))
          .sort((one, other) => one.at - other.at)
          .slice(0, BOOTS)
          .sort((one, other) => one.cut.kept - other.cut.kept);
        const replay = await start();
        const file = join(fast, 'boots.img');
        const booted: string[] = [];
        const at = { cache: folder, signal: new AbortController().signal, log: () => undefined };
        for (const { cut, verdict } of chosen) {
          await replay.at(cut, () => replay.copy(file));
          const console = await bootFrom(firmwareOf(loader), { file, snapshot: false }, folder);
          const said = console
            .find((line) => line.startsWith('fact: booted '))
            ?.slice('fact: booted '.length);
          expect(said, `seed ${seed}, ${cut.what}\n${console.join('\n')}`).to.equal(verdict.boots);
          booted.push(said ?? '');
          await onDisk(file, ['add', recorded.releases[NEW] ?? '', '2', '0', loader], at);
          const again = await takeApart(file, places, folder);
          expect(await judge(again, recorded, join(fast, 'look')), cut.what).to.deep.equal({ boots: NEW });
        }
        replay.close();
        const count = (id: string): number => booted.filter((each) => each === id).length;
        console.log(`      ${booted.length} booted: ${count(OLD)} old, ${count(NEW)} new`);
        expect(booted).to.have.length(Math.min(BOOTS, POINTS));
      });
    });
});
