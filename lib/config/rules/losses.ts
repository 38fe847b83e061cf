import type { Checked } from './rule';

/** The packages of Docker, as the distributions name them. */
const DOCKER_PACKAGES = /^(docker|docker\.io|docker-ce|moby-engine|containerd|containerd\.io|runc)$/;

/** The units by which Docker runs. */
const DOCKER_UNITS = ['docker.service', 'docker.socket', 'containerd.service'];

/** Checks that nothing is removed or switched off again that the machine is there for. */
export function checkLosses({ config, wrong, warn }: Checked): void {
  const { cleanup, users, units, docker } = config;
  for (const [at, name] of cleanup.users.entries()) {
    const keys = ['cleanup', 'users', String(at)];
    if (name === 'root') wrong(keys, 'expected another user: without root nothing starts');
    else if (Object.hasOwn(users, name))
      wrong(keys, `expected another user, found one of \`users\`: ${name}`);
  }
  if (!docker.enabled) return;
  const off = 'set docker.enabled to false for an image without Docker';
  for (const [at, name] of cleanup.packages.entries())
    if (DOCKER_PACKAGES.test(name))
      wrong(
        ['cleanup', 'packages', String(at)],
        `expected a package that Docker does without, found ${JSON.stringify(name)}; ${off}`,
      );
  for (const verb of ['disable', 'mask'] as const)
    for (const [at, unit] of units[verb].entries()) {
      const full = /\.[a-z]+$/.test(unit) ? unit : `${unit}.service`;
      if (!DOCKER_UNITS.includes(full)) continue;
      const keys = ['units', verb, String(at)];
      if (verb === 'mask')
        wrong(keys, `expected a unit that Docker does without, found ${JSON.stringify(unit)}; ${off}`);
      else if (full !== 'containerd.service') warn(keys, `Docker is started by ${full} at boot; ${off}`);
    }
}
