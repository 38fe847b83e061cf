import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect } from 'chai';
import type { LoadedConfig } from '../../../lib/config/load';
import { ConfigError, formatProblem } from '../../../lib/config/problems';
import { type ConfigOptions, loadConfig } from '../../helpers/config';

const folders: string[] = [];

/** A folder of a test's own with these files in it; `cleanUp` removes it. */
export function workspace(files: Record<string, string> = {}): string {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'dock0-config-')));
  folders.push(folder);
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  return folder;
}

export function cleanUp(): void {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
}

/** Loads `dock0.yaml` of a workspace of these files. */
export function load(files: Record<string, string>, options: ConfigOptions = {}): LoadedConfig {
  return loadConfig({ cwd: workspace(files), env: {}, ...options });
}

/** The problems, as they are printed, of a configuration that has some. */
export function problemsOf(files: Record<string, string>, options: ConfigOptions = {}): string[] {
  try {
    load(files, options);
  } catch (error) {
    expect(error, String(error)).to.be.instanceOf(ConfigError);
    return (error as ConfigError).problems.map(formatProblem);
  }
  throw new Error('expected problems, found none');
}
