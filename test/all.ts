import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';

/**
 * Runs the fast tests and those of integration, and beside them those that boot whole hosts: a machine that boots in
 * emulation and a build leave processors free in turn. What the latter print comes when the former are through. Then a
 * kernel is compiled and booted, where the others left time for that. Flags are mocha's: `npm test -- --grep secret`.
 */
const PROJECT = join(__dirname, '..');
/** All of it is to end within an hour; a kernel takes ten minutes, on a slow machine twenty-five. */
const MOST_MINUTES_BEFORE_KERNEL = 30;
const MOCHA = join(PROJECT, 'node_modules/mocha/bin/mocha.js');

const running = new Set<ChildProcess>();

function mocha(globs: string[], env: object, stdout: 'inherit' | 'pipe'): ChildProcess {
  const child = spawn(process.execPath, [MOCHA, '--timeout', '3600000', ...process.argv.slice(2), ...globs], {
    cwd: PROJECT,
    env: { ...process.env, ...env },
    stdio: ['ignore', stdout, stdout],
  });
  running.add(child);
  child.once('close', () => running.delete(child));
  return child;
}

function ended(child: ChildProcess): Promise<boolean> {
  return new Promise((done) => child.once('close', (code) => done(code === 0)));
}

async function all(): Promise<void> {
  const started = performance.now();
  // A cache of their own: some tests count what is in theirs.
  const boots = mocha(['test/e2e/**/*.test.ts'], { DOCK0_TEST_CACHE: '.cache/e2e' }, 'pipe');
  const bootsPassed = ended(boots);
  const held: Buffer[] = [];
  let isHeld = true;
  for (const stream of [boots.stdout, boots.stderr])
    stream?.on('data', (data: Buffer) => {
      if (isHeld) held.push(data);
      else process.stdout.write(data);
    });
  const others = mocha(['test/unit/**/*.test.ts', 'test/integration/**/*.test.ts'], {}, 'inherit');
  const othersPassed = await ended(others);
  isHeld = false;
  process.stdout.write(Buffer.concat(held));
  const passed = (await bootsPassed) && othersPassed;
  if (!passed || !(await ownKernel((performance.now() - started) / 60_000))) process.exitCode = 1;
}

async function ownKernel(minutes: number): Promise<boolean> {
  if (minutes <= MOST_MINUTES_BEFORE_KERNEL)
    return ended(mocha(['test/boot/own-kernel.test.ts'], { DOCK0_TEST_CACHE: '.cache/e2e' }, 'inherit'));
  console.log(
    `Left out: a kernel of one's own, since the other tests took ${Math.round(minutes)} minutes. \`npm run test:boot\` compiles and boots it.`,
  );
  return true;
}

for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.once(signal, () => {
    process.exitCode = 1;
    for (const child of running) child.kill(signal);
  });
void all();
