import type { Planned } from './plan';

/** What becomes of a step in a build. */
export type Prospect = 'cached' | 'would run' | 'not needed';

/** What a preview asks of a build. */
interface Looks<C> {
  /** Why the step would run; empty where the store has its artifact, as far as that is looked at in passing. */
  reasons: (planned: Planned<C>) => Promise<string[]>;
  /** Whether the artifact is what was stored: asked for what a step that runs is made of. */
  whole: (planned: Planned<C>) => Promise<boolean>;
  /** Whether the store has the artifact. */
  has: (planned: Planned<C>) => boolean;
}

/**
 * Finds out what a build would do, as it would itself: an artifact in the store is used whatever became of those that it
 * was made of, and those are looked at, and then closely, for what runs.
 *
 * @param wanted the steps that are to be made
 * @returns all of these and what they depend on, what is needed before what needs it
 */
export async function prospects<C>(
  wanted: readonly Planned<C>[],
  { reasons, whole, has }: Looks<C>,
): Promise<{ planned: Planned<C>; prospect: Prospect; reasons: string[] }[]> {
  const found = new Map<string, string[]>();
  const run = async (planned: Planned<C>, why: string[]): Promise<void> => {
    found.set(planned.fingerprint, why);
    for (const need of Object.values(planned.needs)) {
      await look(need);
      if (found.get(need.fingerprint)?.length === 0 && !(await whole(need)))
        await run(need, ['its output is damaged']);
    }
  };
  const look = async (planned: Planned<C>): Promise<void> => {
    if (found.has(planned.fingerprint)) return;
    const why = await reasons(planned);
    if (why.length === 0) found.set(planned.fingerprint, why);
    else await run(planned, why);
  };
  for (const planned of wanted) await look(planned);

  const all = new Map<string, Planned<C>>();
  const add = (planned: Planned<C>): void => {
    for (const need of Object.values(planned.needs)) add(need);
    all.set(planned.fingerprint, planned);
  };
  for (const planned of wanted) add(planned);
  return [...all.values()].map((planned) => {
    const why = found.get(planned.fingerprint) ?? [];
    const cached = found.has(planned.fingerprint) || has(planned);
    return {
      planned,
      reasons: why,
      prospect: why.length > 0 ? 'would run' : cached ? 'cached' : 'not needed',
    };
  });
}
