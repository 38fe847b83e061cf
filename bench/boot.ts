import { readFileSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { byteSize, table } from '../lib/report/format';
import { MILESTONES, type VerifyReport } from '../lib/vm/verify-report';
import { measure, PROJECT } from './measure';
import { benchmark } from './report';

/** The same root with each kernel; the second ignores the configuration's kernel source. */
const KERNELS: Record<string, string[]> = {
  'own kernel': [],
  "distribution's": ['--set', 'kernel.provider=package'],
};
const DEFAULT_RUNS = 3;
const BOOTS = ['first boot', 'second boot, with the same data disk'];

/**
 * Boots configs/dock0.yaml with its own kernel and with the distribution's for virtual machines, alternating, and prints
 * when each stage was reached (medians), and the sizes. The artifacts come from the cache that DOCK0_CACHE names, else
 * the checkout's; if the kernel is not in it, it is compiled first.
 *
 *   npm run bench:boot [-- RUNS]
 */
async function bench(work: string): Promise<string> {
  const runs = Number(process.argv[2] ?? DEFAULT_RUNS);
  if (!Number.isInteger(runs) || runs < 1)
    throw new Error(`expected a number of runs, found ${process.argv[2]}`);
  const cache = resolve(PROJECT, process.env.DOCK0_CACHE ?? '.cache');
  const kinds = Object.entries(KERNELS).map(([name, set], index) => {
    const output = join(work, String(index));
    const words = ['--config', 'configs/dock0.yaml', '--cache', cache, '--output', output, ...set];
    const gulp = (task: string) => measure(['npx', 'gulp', task, ...words], PROJECT);
    return { name, gulp, release: join(output, 'dock0/current'), reports: [] as VerifyReport[] };
  });
  for (const { gulp } of kinds) await gulp('build');
  for (let count = 0; count < runs; count++) {
    for (const { gulp, release, reports } of kinds) {
      await gulp('verify');
      reports.push(JSON.parse(readFileSync(join(release, 'verify.json'), 'utf8')));
    }
  }
  const [{ machine }] = kinds.flatMap(({ reports }) => reports) as [VerifyReport];
  const how = machine.accelerator === 'kvm' ? 'KVM' : 'emulated';
  const heading = (what: string): string[] => [what, ...kinds.map(({ name }) => name), 'ratio'];
  const times = BOOTS.map((title, boot) => [
    heading(title),
    ...MILESTONES.map((name) => {
      const medians = kinds.map(({ reports }) =>
        medianOf(reports.map((report) => report.boots[boot]?.milestones[name] ?? Number.NaN)),
      );
      return [name, ...medians.map((seconds) => `${seconds.toFixed(2)} s`), ratio(medians)];
    }),
  ]);
  const sizes = FILES.map(([what, path]) => {
    const bytes = kinds.map(({ release }) => sizeOf(join(release, path)));
    return [what, ...bytes.map((size) => (size === 0 ? 'none' : byteSize(size))), ratio(bytes)];
  });
  return [
    `Seconds since QEMU was started (${how}, ${machine.cpus} processors, ${machine.memory}); medians of ${runs} runs`,
    ...times.map((rows) => table(rows)),
    table([heading('size'), ...sizes]),
  ].join('\n\n');
}

const FILES = [
  ['vmlinuz', 'vmlinuz'],
  ['initramfs', 'initramfs.img'],
  ['modules layer', 'layers/20-modules.squashfs'],
] as const;

function medianOf(values: number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] as number;
}

function ratio([own = 0, other = 0]: number[]): string {
  return own > 0 && other > 0 ? (own / other).toFixed(2) : '';
}

function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}

void benchmark('bench-boot', bench);
