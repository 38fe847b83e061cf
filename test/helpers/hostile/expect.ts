import { expect } from 'chai';
import type { Built } from './pool';
import { NOTHING } from './things';

/** Says what came of builds; fails when a canary is not what it was. */
export function expectUnchanged(built: readonly Built[]): void {
  const changed = built.flatMap(({ label, report }) =>
    (report?.changed ?? []).map((path) => `${path}: ${label}`),
  );
  const canaries = Math.max(...built.map(({ report }) => report?.canaries ?? 0));
  console.log(
    `      hostile root: ${changed.length} of ${canaries} canaries changed in ${built.length} builds`,
  );
  expect(changed.slice(0, 20)).to.deep.equal([]);
  expect(canaries).to.be.above(300);
}

/** Fails for builds that did not end. */
export function expectEnded(built: readonly Built[]): void {
  expect(built.filter(({ report }) => report === undefined).map(({ label }) => label)).to.deep.equal([]);
}

/** Fails for builds that failed without a word about what is wrong, and where nothing was. */
export function expectClear(built: readonly Built[]): void {
  const failures = built.flatMap(({ label, report }) =>
    report?.error === undefined ? [] : [{ label, ...report.error }],
  );
  console.log(`      ${built.length - failures.length} were built, ${failures.length} refused`);
  const unclear = failures.filter(
    ({ message, hint = '', stack }) =>
      stack || /^\s+at .*:\d+:\d+\)?$/m.test(message) || /should not happen|as the owner/.test(hint),
  );
  expect(unclear.map(({ label, message }) => `${label}: ${message}`)).to.deep.equal([]);
  const needless = failures.filter(({ label }) => label.startsWith(NOTHING));
  expect(needless.map(({ label, message }) => `${label}: ${message}`)).to.deep.equal([]);
}
