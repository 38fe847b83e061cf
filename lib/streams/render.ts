import { readFileSync } from 'node:fs';
import through2 from 'through2';
import type Vinyl from 'vinyl';
import type { Config } from '../config/schema';
import { renderTemplate, templateData } from './template';

type ObjectStream = ReturnType<typeof through2.obj>;

/**
 * A stream that renders vinyl files as EJS templates, with the keys of a configuration as variables, and drops `.ejs` from
 * their names. Folders and symbolic links pass through.
 *
 * @param config a configuration, or any map with the variables
 * @throws Dock0Error (as the stream's error) with file and line for a template that throws
 */
export function render(config: Config | Record<string, unknown>): ObjectStream {
  return through2.obj(async (file: Vinyl): Promise<Vinyl> => {
    if (!file.isBuffer() && !file.isStream()) return file;
    const { default: ejs } = await import('ejs');
    const text = file.isBuffer() ? file.contents.toString() : readFileSync(file.path, 'utf8');
    const rendered = file.clone({ contents: false });
    rendered.path = file.path.replace(/\.ejs$/, '');
    rendered.contents = Buffer.from(renderTemplate(ejs, file.path, text, templateData(config)));
    return rendered;
  });
}
