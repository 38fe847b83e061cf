import { Dock0Error } from '../../error';
import { type Download, type DownloadContext, download, type Missing } from '../../system/download';

/** A file that any of several mirrors may have. */
export interface Wanted extends Download {
  /** Whether it may be missing everywhere. */
  optional?: boolean;
  /** What it means when mirrors answer that they have no such file, and none answers anything else. */
  absent?: { message: string; hint: string };
}

export type FetchContext = DownloadContext;

/**
 * Downloads files from the first mirror that has them.
 *
 * @throws Dock0Error naming the files that no mirror gives, with what each mirror answered
 */
export async function fetchAll(wanted: readonly Wanted[], context: FetchContext): Promise<void> {
  const missing = (await download(wanted, context)).filter(({ optional }) => optional !== true);
  if (missing.length === 0) return;
  const shown = missing.slice(0, 5).map((each) => absenceOf(each)?.message ?? refused(each));
  const more = missing.length - shown.length;
  const hints = missing.map((each) => absenceOf(each)?.hint);
  throw new Dock0Error([...shown, ...(more > 0 ? [`and ${more} more`] : [])].join('\n'), {
    hint: hints.includes(undefined)
      ? 'Check the network connection and `mirror`. When the mirror has newer versions, `gulp update` fetches its lists.'
      : hints[0],
  });
}

/** A server that does not answer (the archive, behind a firewall) is no reason to doubt the others. */
function absenceOf({ absent, refusals }: Missing<Wanted>): Wanted['absent'] {
  const answers = refusals.filter(({ outcome }) => outcome !== 'dead');
  const none = answers.length > 0 && answers.every(({ outcome }) => outcome === 'absent');
  return none ? absent : undefined;
}

function refused({ name, refusals }: Missing<Wanted>): string {
  const answers = refusals.map(({ server, reason }) => `${server}: ${reason}`);
  return `${name} can't be downloaded (${answers.join('; ')})`;
}
