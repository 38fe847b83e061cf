import { openStore } from '../../lib/engine/store/local';

/** The folders of a step's stored artifacts, the last used first. */
export function storedArtifacts(cache: string, step: string): string[] {
  const store = openStore(cache);
  return store
    .list()
    .filter(({ entry }) => entry.step === step)
    .sort((a, b) => b.used - a.used)
    .map(({ entry }) => store.artifact(entry).path);
}
