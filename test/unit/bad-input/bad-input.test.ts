import { expect } from 'chai';
import { CASES as AT_RUN_TIME, WARNED } from './cases/at-run-time';
import { CASES as COMPOSE } from './cases/compose';
import { CASES as CONTAINERS } from './cases/containers';
import { CASES as DOCKER } from './cases/docker';
import { CASES as FILES } from './cases/files';
import { CASES as KERNEL } from './cases/kernel';
import { CASES as KEYS } from './cases/keys';
import { CASES as LOSSES } from './cases/losses';
import { CASES as MACHINE } from './cases/machine';
import { CASES as NETWORK } from './cases/network';
import { CASES as NO_EFFECT } from './cases/no-effect';
import { CASES as PACKAGES } from './cases/packages';
import { CASES as REFERENCES } from './cases/references';
import { CASES as RELEASE } from './cases/release';
import { CASES as SIZES } from './cases/sizes';
import { CASES as SSH } from './cases/ssh';
import { CASES as STATE } from './cases/state';
import { CASES as SYSTEM } from './cases/system';
import { CASES as TEMPLATES } from './cases/templates';
import { CASES as TEXT } from './cases/text';
import { CASES as VOLUMES } from './cases/volumes';
import { badInputs, readBad } from './table';

const REFUSED = [
  ...TEXT,
  ...KEYS,
  ...REFERENCES,
  ...SYSTEM,
  ...RELEASE,
  ...PACKAGES,
  ...SSH,
  ...VOLUMES,
  ...STATE,
  ...LOSSES,
  ...MACHINE,
  ...NETWORK,
  ...DOCKER,
  ...AT_RUN_TIME,
  ...COMPOSE,
  ...CONTAINERS,
  ...KERNEL,
  ...FILES,
  ...SIZES,
  ...TEMPLATES,
];

const SAID = [...NO_EFFECT, ...WARNED];

badInputs('bad input', [...REFUSED, ...SAID], (each) => {
  const { problems, warnings } = readBad(each);
  if (SAID.includes(each)) {
    expect(problems).to.deep.equal([]);
    expect(warnings).to.include(each.says);
  } else expect(problems).to.deep.equal([each.says]);
});
