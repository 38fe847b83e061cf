import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, loadavg } from 'node:os';
import { join } from 'node:path';
import { table } from '../lib/report/format';
import { PROJECT } from './measure';

/** A table of what was measured, held against something else measured in the same run. */
export interface Report {
  /** Adds a duration and its ratio to another one. */
  row: (what: string, seconds: number, peer: string, against: number, must?: string, aim?: string) => void;
  /** Adds a line that has no ratio. */
  line: (what: string, measured: string, against?: string, must?: string, aim?: string) => void;
  text: () => string;
}

/** An empty table. */
export function openReport(): Report {
  const rows: string[][] = [['what', 'measured', 'against', 'ratio', 'must', 'aim']];
  return {
    row: (what, seconds, peer, against, must = '', aim = '') => {
      const ratio = (seconds / against).toFixed(2);
      rows.push([what, `${seconds.toFixed(2)} s`, `${peer}: ${against.toFixed(2)} s`, ratio, must, aim]);
    },
    line: (what, measured, against = '', must = '', aim = '') => {
      rows.push([what, measured, against, '', must, aim]);
    },
    text: () => table(rows),
  };
}

/**
 * Runs a benchmark in a folder of its own inside of .cache, which is gone afterwards, whatever happens, and prints
 * what it found. Says how busy the machine was, since that is in every figure.
 */
export async function benchmark(name: string, run: (work: string) => Promise<string>): Promise<void> {
  mkdirSync(join(PROJECT, '.cache'), { recursive: true });
  const work = mkdtempSync(join(PROJECT, `.cache/${name}-`));
  const [before = 0] = loadavg();
  try {
    const found = await run(work);
    const [after = 0] = loadavg();
    const load = `load average ${before.toFixed(1)} before and ${after.toFixed(1)} after`;
    process.stdout.write(`\n${found}\n\n${availableParallelism()} processors, ${load}\n`);
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : error}\n`);
    process.exitCode = 1;
  } finally {
    rmSync(work, { recursive: true, force: true, maxRetries: 5 });
  }
}
