import { isGenerated } from '../locale';
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
    { paths: [...inSbin('init'), '/lib/systemd/systemd', '/usr/lib/systemd/systemd'], use: 'the start' },
    ...(docker.enabled ? [{ paths: DOCKER, use: 'Docker (docker.enabled)' }] : []),
    ...(firewall === undefined ? [] : [{ paths: inSbin('nft'), use: 'firewall' }]),
    ...(accounts.some(({ ssh_keys: keys }) => keys.length > 0)
      ? [{ paths: ['/usr/sbin/sshd'], use: 'the login with ssh_keys' }]
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

function inSbin(name: string): string[] {
  return [`/sbin/${name}`, `/usr/sbin/${name}`];
}

/** By their names in Debian, Arch and Docker's own packages. */
const DOCKER = ['dockerd', 'docker', 'containerd', 'containerd-shim-runc-v2', 'runc'].flatMap((name) => [
  `/usr/bin/${name}`,
  `/usr/sbin/${name}`,
]);

/**
 * Whether a pattern takes a path, or a folder above it (fnmatch(3)).
 *
 * @param any what a `?` stands for
 */
function matcher(pattern: string, any: string): (path: string) => boolean {
  // Refused for that.
  if (takesSystem(pattern)) return () => false;
  const source = pattern.replace(/\[[!^]?\]?(?:\[:\w+:\]|[^\]])*\]|\\?[\s\S]/g, (part) => {
    if (part === '*') return `${any}*`;
    if (part === '?') return any;
    // A set of letters leaves out a part of what its user looked at.
    if (part.length > 1 && part.startsWith('[')) return '(?!)';
    return part.replace(/^\\(?=.)/, '').replace(/[.+^${}()|\\*?[\]]/, '\\$&');
  });
  const expression = new RegExp(`^${source}(/.*)?$`);
  return (path) => expression.test(path);
}
