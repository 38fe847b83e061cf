import { meant } from '../config/problems';
import { didYouMean } from '../config/suggest';
import { Dock0Error } from '../error';
import { chroot } from '../system/chroot';
import type { OpenLayer } from '../system/layer';
import { namesInRoot, realInRoot } from './path';

const SOURCES = '/usr/share/i18n';

/**
 * Makes a locale of its source with localedef(1), in a folder of its own, unless the image has it.
 *
 * @param open the root, in which programs can run
 * @param locale such as `de_DE.UTF-8` or `de_DE.ISO-8859-15@euro`
 * @throws Dock0Error when the image has no source of that name
 */
export async function generateLocale({ sandbox, root, path }: OpenLayer, locale: string): Promise<void> {
  const [, name = '', charset = '', modifier = ''] = /^([^.@]+)\.([^@]+)(@.*)?$/.exec(locale) ?? [];
  const program = realInRoot(path('/'), 'usr/bin/locale');
  const known = program === undefined ? '' : (await chroot(sandbox, root, ['locale', '-a'])).stdout;
  if (known.split('\n').some((each) => plain(each) === plain(locale))) return;
  const source =
    has(path('/'), 'locales', `${name}${modifier}`) ?? refuse(path('/'), 'locales', `${name}${modifier}`);
  const map = has(path('/'), 'charmaps', charset) ?? refuse(path('/'), 'charmaps', charset);
  // 1: there were warnings, which many of the C library's own locales have.
  const words = [
    'localedef',
    '--no-archive',
    // It would make links to the same files of other locales, in the layer below.
    '--no-hard-links',
    '--force',
    '-i',
    source,
    '-f',
    map,
    `/usr/lib/locale/${plain(locale)}`,
  ];
  await chroot(sandbox, root, words, { okCodes: [0, 1] });
  if (realInRoot(path('/'), `/usr/lib/locale/${plain(locale)}/LC_CTYPE`) === undefined)
    throw new Dock0Error(`locale: localedef made no ${locale}`);
}

/** As the C library looks for it: `de_DE.utf8`. */
function plain(locale: string): string {
  return locale.replace(
    /\.([^@]*)/,
    (_, charset: string) => `.${charset.toLowerCase().replace(/[^a-z0-9]/g, '')}`,
  );
}

function has(root: string, kind: 'locales' | 'charmaps', name: string): string | undefined {
  const names = namesInRoot(root, `${SOURCES}/${kind}`).map((file) => file.replace(/\.gz$/, ''));
  return names.find((each) => each === name);
}

function refuse(root: string, kind: 'locales' | 'charmaps', name: string): never {
  const names = namesInRoot(root, `${SOURCES}/${kind}`).map((file) => file.replace(/\.gz$/, ''));
  throw new Dock0Error(
    `locale: the image has no ${SOURCES}/${kind}/${name}${meant(didYouMean(name, names))}`,
    {
      hint: `${SOURCES}/SUPPORTED of a Debian machine lists the locales that there are.`,
    },
  );
}
