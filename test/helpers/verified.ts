import { readFileSync } from 'node:fs';
import type { BootReport, VerifyReport } from '../../lib/vm/verify-report';

/** What `gulp verify` wrote of the current release. @param build the build's folder */
export function reportOf(build: string): VerifyReport {
  return JSON.parse(readFileSync(`${build}/current/verify.json`, 'utf8')) as VerifyReport;
}

/** The detail of a check that passed; undefined for one that failed or was not made. */
export function passedDetail({ checks }: BootReport, name: string): string | undefined {
  const check = checks.find((each) => each.name === name);
  return check?.ok ? check.detail : undefined;
}
