import { type Checked, isWithin, plainPath } from './rule';

/** Checks that no volume hides the home of an account, where its keys are. */
export function checkHomes({ config, warn }: Checked): void {
  const accounts: [keys: string[], home: string, count: number][] = [
    [['root', 'ssh_keys'], '/root', config.root.ssh_keys.length],
    ...Object.entries(config.users).map(([name, user]): [string[], string, number] => [
      ['users', name, 'ssh_keys'],
      `/home/${name}`,
      user.ssh_keys.length,
    ]),
  ];
  for (const [keys, home, count] of accounts) {
    if (count === 0) continue;
    const hiding = Object.entries(config.volumes).find(([, { path }]) =>
      [home, `${home}/.ssh`].some((folder) => isWithin(plainPath(path), folder)),
    );
    if (hiding === undefined) continue;
    const [name, { path }] = hiding;
    warn(
      keys,
      `the volume ${name} on ${path} hides ${home}/.ssh: the keys count only where the volume has them, too`,
    );
  }
}
