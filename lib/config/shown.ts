import { join, relative } from 'node:path';
import type { Json } from '../json';
import { packageFolder } from './paths';
import type { Config } from './schema';

const LEAST_SECRET = 4;

/**
 * The configuration as manifests and logs may show it: without the root password's hash, with names in place of values of the
 * environment, and with paths relative to the working directory or this package.
 *
 * @param envUsed the environment variables that `${env:NAME}` read, with their values
 */
export function shownConfig(config: Config, envUsed: Record<string, string>, cwd: string): Json {
  const secrets = Object.entries(envUsed).filter(([, value]) => value.length >= LEAST_SECRET);
  const show = (value: unknown): unknown => {
    if (typeof value === 'string') return showText(value);
    if (Array.isArray(value)) return value.map(show);
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, show(member)]));
  };
  const showText = (text: string): string => {
    const masked = secrets.reduce((shown, [name, value]) => shown.replaceAll(value, `$\{env:${name}}`), text);
    // The package first, so that its files have the same name wherever it and the working directory are.
    if (isIn(join(ours, 'configs'), masked)) return join('gulp-dock0', relative(ours, masked));
    return isIn(cwd, masked) ? relative(cwd, masked) || '.' : masked;
  };
  const ours = packageFolder();
  const password = config.root.password === 'locked' ? 'locked' : 'a hash';
  return JSON.parse(JSON.stringify(show({ ...config, root: { ...config.root, password } })));
}

function isIn(folder: string, path: string): boolean {
  return path === folder || path.startsWith(`${folder}/`);
}
