import { providerOf } from './pacstrap';
import type { Session } from './session';

/** Fetches the distribution's package lists anew; the next build says which packages that changes. */
export async function update({ builds }: Session): Promise<void> {
  const [build] = builds;
  if (build === undefined) return;
  const provider = await providerOf(build.context);
  await provider.refresh(build.context);
}
