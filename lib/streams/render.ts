import { isUtf8 } from 'node:buffer';
import type { Transform } from 'node:stream';
import type Vinyl from 'vinyl';
import type { Config } from '../config/schema';
import { Dock0Error } from '../error';
import { wholeOf } from './contents';
import { callback, checkOptions, checkVariables } from './options';
import { plugin } from './plugin';
import { renderTemplate, templateData } from './template';

export interface RenderOptions {
  /** Which files are templates; default: those with the extension `.ejs`. */
  filter?: (file: Vinyl) => boolean;
}

/**
 * A stream that renders vinyl files as EJS templates, with the keys of a configuration as variables, and drops `.ejs` from
 * their names. Files that are no templates, folders and links pass through untouched. Templates include files below their
 * `base`, the folder that a pattern of `gulp.src()` begins with, and no others.
 *
 * @param variables a configuration, or any map with the variables
 * @throws PluginError at once for an unknown or wrong option; as the stream's error with file and line for a template that
 * throws, for one that is not valid UTF-8, and when two files have the same name afterwards
 */
export function render(variables: Config | Record<string, unknown>, options: RenderOptions = {}): Transform {
  checkVariables('render', variables);
  checkOptions('render', options, { filter: callback });
  const isTemplate = options.filter ?? (({ extname }) => extname === '.ejs');
  return plugin('render', ({ push, signal }) => {
    const sources = new Map<string, string>();
    return {
      each: async (file) => {
        const source = file.relative;
        const template = (file.isBuffer() || file.isStream()) && isTemplate(file);
        if (template) await renderFile(file, variables, signal);
        const other = sources.get(file.path);
        if (other !== undefined && other !== source) {
          throw new Dock0Error(`${other} and ${source} both become ${file.relative}`);
        }
        sources.set(file.path, source);
        push(file);
      },
    };
  });
}

async function renderFile(file: Vinyl, variables: object, signal: AbortSignal): Promise<void> {
  const { default: ejs } = await import('ejs');
  const bytes = await wholeOf(file, signal);
  if (!isUtf8(bytes)) throw new Dock0Error(`${file.relative}: a template must be valid UTF-8`);
  const template = { file: file.path, folder: file.base, text: bytes.toString() };
  const contents = Buffer.from(renderTemplate(ejs, template, templateData(variables)));
  file.contents = contents;
  if (file.stat) {
    file.stat.size = contents.length;
    // Other names of the file are no names of what is rendered.
    file.stat.nlink = 1;
  }
  if (file.extname === '.ejs') file.extname = '';
}
