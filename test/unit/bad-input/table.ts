import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { ConfigError, formatProblem } from '../../../lib/config/problems';
import { loadConfig } from '../../helpers/config';
import { cleanUp, workspace } from '../config/workspace';

/** An input that somebody may write, and the one line that says what is wrong with it. */
export interface BadInput {
  /** What is wrong with it, in words. */
  name: string;
  /** The content of dock0.yaml. */
  config: string | Buffer;
  /** Further files beside it. */
  files?: Readonly<Record<string, string | Buffer>>;
  /** Those of them that only their owner may read. */
  secret?: readonly string[];
  says: string;
}

const STEPS = ['rootfs', 'pacstrap', 'customize', 'kernel', 'initramfs', 'squash', 'install'];

/** Reads the configuration of a case, and returns what is said of it: problems, else warnings. */
export function readBad({ config, files = {}, secret = [] }: BadInput): {
  problems: string[];
  warnings: string[];
} {
  const before = process.cwd();
  const cwd = workspace();
  // Files are named relative to it.
  process.chdir(cwd);
  for (const [name, content] of Object.entries({ 'dock0.yaml': config, ...files })) {
    mkdirSync(dirname(join(cwd, name)), { recursive: true });
    writeFileSync(join(cwd, name), content, { mode: secret.includes(name) ? 0o600 : 0o644 });
  }
  try {
    const { warnings } = loadConfig({ cwd, env: { HOME: '/nowhere' }, steps: STEPS });
    return { problems: [], warnings };
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return { problems: error.problems.map(formatProblem), warnings: [] };
  } finally {
    process.chdir(before);
    cleanUp();
  }
}

/** Registers a test for each case; at the end it prints how many of them said what they have to. */
export function badInputs<C extends { name: string }>(
  title: string,
  cases: readonly C[],
  check: (each: C) => void | Promise<void>,
): void {
  describe(title, () => {
    let right = 0;
    for (const each of cases) {
      it(each.name, async () => {
        await check(each);
        right++;
      });
    }
    after(() => {
      console.log(`    ${title}: ${right} of ${cases.length}`);
    });
  });
}
