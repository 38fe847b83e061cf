import { Dock0Error } from '../error';

/** Requested packages that cannot be had, each with the reason. */
export class RefusedPackages extends Dock0Error {
  readonly said: ReadonlyMap<string, string>;

  /** @param said the reason by the name as it is requested */
  constructor(said: ReadonlyMap<string, string>, options: { hint?: string; cause?: unknown } = {}) {
    super([...said.values()].join('\n'), options);
    this.said = said;
  }
}

/**
 * Runs what resolves packages; when some are refused, the error names the places that request them.
 *
 * @param placeOf the place of a request, as messages have it: `dock0.yaml:3:12: packages.0`; undefined where the
 *   configuration does not state it
 */
export async function located<T>(
  placeOf: (name: string) => string | undefined,
  resolve: () => Promise<T>,
): Promise<T> {
  try {
    return await resolve();
  } catch (error) {
    if (!(error instanceof RefusedPackages)) throw error;
    const lines = [...error.said].map(([name, why]) => {
      const place = placeOf(name);
      return place === undefined ? why : `${place}: ${why}`;
    });
    throw new Dock0Error(lines.join('\n'), { hint: error.hint, cause: error.cause });
  }
}
