import type { BuildContext } from '../../build';
import { distributionOf } from '..';
import { refreshDigests } from './container-images';

/** Fetches the package lists of configurations again, each list once, and asks for the digests of their images. */
export async function refreshLists(contexts: readonly BuildContext[]): Promise<void> {
  await refreshDigests(contexts);
  const fetched = new Set<string>();
  for (const context of contexts) {
    const { lists, refresh } = await distributionOf(context.config);
    const name = lists(context);
    if (fetched.has(name)) continue;
    fetched.add(name);
    await refresh(context);
  }
}
