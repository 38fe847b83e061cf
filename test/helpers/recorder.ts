import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { findTool } from '../../lib/system/find-tool';

/** Stands in front of programs and notes each time that one of them is started. */
export interface Recorder {
  /** The environment that has it in front. */
  env: { PATH: string };
  /**
   * Names and arguments of what was started, one a line, since the last time this was asked. Questions for a version are left
   * out: what stands in front is a script, which a build asks each time.
   */
  started: () => string;
}

/**
 * Every program that brings packages, or looks into them. pacstrap is none of them: it starts pacman, and as it has no
 * version of its own, steps that call another file of that name would have to run again.
 */
export const PACKAGE_TOOLS: readonly string[] = [
  'pacman',
  'pacman-key',
  'vercmp',
  'bsdtar',
  'curl',
  'mmdebstrap',
  'apt-get',
  'apt-cache',
  'dpkg',
  'dpkg-deb',
  'gpg',
];

/** Puts a recorder for these programs into an empty folder. */
export function recorder(folder: string, tools: readonly string[]): Recorder {
  mkdirSync(folder, { recursive: true });
  const log = join(folder, 'started');
  for (const tool of tools) {
    const text = `#!/bin/sh\necho "${tool} $*" >>"${log}"\nexec ${findTool(tool)} "$@"\n`;
    writeFileSync(join(folder, tool), text, { mode: 0o755 });
  }
  return {
    env: { PATH: `${folder}:${process.env.PATH}` },
    started: () => {
      const said = existsSync(log) ? readFileSync(log, 'utf8') : '';
      rmSync(log, { force: true });
      return said.replace(/^\S+ (--version|-version|-V|--help)\n/gm, '');
    },
  };
}
