import { hostNames } from '../system/host';
import type { Distribution } from './provider';

/**
 * The distributions an image can be made of, by name, each loaded when it is used first. A gulpfile may add its own:
 * `distributions.fedora = () => import('./fedora').then(({ fedora }) => fedora);`
 */
export const distributions: Record<string, () => Promise<Distribution>> = {
  arch: () => import('./arch').then(({ arch }) => arch),
  debian: () => import('./debian').then(({ debian }) => debian),
};

/** The distribution that this machine runs, or the one it derives from; undefined when it is none of these. */
export function hostDistribution(osRelease?: string): string | undefined {
  return hostNames(osRelease).find((name) => Object.hasOwn(distributions, name));
}

/** Each step asks for it several times. */
const loaded = new Map<() => Promise<Distribution>, Promise<Distribution>>();

/** The distribution of a loaded configuration. */
export function distributionOf({ distribution }: { distribution: string }): Promise<Distribution> {
  const load = distributions[distribution] as () => Promise<Distribution>;
  const loading = loaded.get(load) ?? load();
  loaded.set(load, loading);
  return loading;
}

/** Every distribution, loaded. */
export function allDistributions(): Promise<Distribution[]> {
  return Promise.all(Object.values(distributions).map((load) => load()));
}
