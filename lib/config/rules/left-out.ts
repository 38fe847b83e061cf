import { isGenerated } from '../locale';
import { patternSource } from '../pattern';
import type { Config } from '../schema';
import { takesSystem } from './places';
import type { Checked } from './rule';

/** Something that the machine needs for a key. */
interface Need {
  paths: readonly string[];
  use: string;
  /** The pattern that keeps it, where that is more than the path. */
  keep?: string;
}

/** Refuses patterns that leave out, or remove, what another key needs: nothing would say so before the machine runs. */
export function checkLeftOut({ config, wrong }: Checked): void {
  const needs = needsOf(config).flatMap(({ paths, ...rest }) => paths.map((path) => ({ path, ...rest })));
  const excluded = config.exclude.map((stated) => matcher(stated.replace(/^!/, ''), '[^]'));
  const removed = config.cleanup.paths.map((stated) => matcher(stated, '[^/]'));
  const said = new Set<string>();
  for (const { path, use, keep = path } of needs) {
    const at = excluded.findLastIndex((matches) => matches(path));
    if (at !== -1 && !config.exclude[at]?.startsWith('!') && !said.has(`exclude ${at}`)) {
      said.add(`exclude ${at}`);
      wrong(
        ['exclude', String(at)],
        `${JSON.stringify(config.exclude[at])} leaves out ${path}, which ${use} needs; '!${keep}' behind it keeps that`,
      );
    }
    const from = removed.findIndex((matches) => matches(path));
    if (from === -1 || said.has(`cleanup ${from}`)) continue;
    said.add(`cleanup ${from}`);
    wrong(
      ['cleanup', 'paths', String(from)],
      `${JSON.stringify(config.cleanup.paths[from])} removes ${path}, which ${use} needs`,
    );
  }
}

function needsOf(config: Config): Need[] {
  const { docker, firewall, root, users, timezone, locale } = config;
  const [language = ''] = locale.split('.');
  const accounts = [root, ...Object.values(users)];
  return [
    { paths: [...placesOf('init'), '/lib/systemd/systemd', '/usr/lib/systemd/systemd'], use: 'the start' },
    ...(docker.enabled ? [{ paths: DOCKER, use: 'Docker (docker.enabled)' }] : []),
    ...(firewall === undefined ? [] : [{ paths: placesOf('nft'), use: 'firewall' }]),
    ...(accounts.some(({ ssh_keys: keys }) => keys.length > 0)
      ? [{ paths: placesOf('sshd'), use: 'the login with ssh_keys' }]
      : []),
    ...Object.values(users).flatMap(({ shell }) =>
      shell === undefined ? [] : [{ paths: [shell, `/usr${shell}`], use: `the shell ${shell}` }],
    ),
    ...(timezone === 'UTC' ? [] : [{ paths: [`/usr/share/zoneinfo/${timezone}`], use: 'timezone' }]),
    ...(isGenerated(config)
      ? [
          {
            paths: [`/usr/share/i18n/locales/${language}`, '/usr/share/i18n/charmaps'],
            use: `locale ${locale}`,
            keep: '/usr/share/i18n/*',
          },
        ]
      : []),
  ];
}

/** Where Debian, Arch and Docker's own packages may have a program. */
function placesOf(name: string): string[] {
  return ['/sbin', '/usr/sbin', '/bin', '/usr/bin'].map((folder) => `${folder}/${name}`);
}

const DOCKER = ['dockerd', 'docker', 'containerd', 'containerd-shim-runc-v2', 'runc'].flatMap(placesOf);

/**
 * Whether a pattern takes a path, or a folder above it (fnmatch(3)).
 *
 * @param any what a `?` stands for
 */
function matcher(pattern: string, any: string): (path: string) => boolean {
  // Refused for that.
  if (takesSystem(pattern)) return () => false;
  // A set of letters leaves out a part of what its user looked at.
  const source = patternSource(pattern, any, '(?!)');
  const expression = new RegExp(`^${source}(/.*)?$`);
  return (path) => expression.test(path);
}
