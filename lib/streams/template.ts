import { relative } from 'node:path';
import { Dock0Error, messageOf } from '../error';

/** The variables of a template: the configuration's keys, and `config` for all of them. */
export function templateData<C extends object>(config: C): Record<string, unknown> {
  return { ...config, config };
}

/** Renders one template; `file` is its name in messages and the base of its includes. */
export function renderTemplate(
  ejs: Pick<typeof import('ejs'), 'render'>,
  file: string,
  text: string,
  data: Record<string, unknown>,
): string {
  try {
    // No HTML escapes in configuration files.
    return ejs.render(text, data, { filename: file, escape: String });
  } catch (error) {
    throw templateError(file, error);
  }
}

/** EJS adds `file:line` and the lines around it to an error, except to a syntax error. */
function templateError(file: string, error: unknown): Dock0Error {
  const message = messageOf(error);
  const shown = relative(process.cwd(), file);
  const line = /:(\d+)\n/.exec(message)?.[1];
  const what = message
    .split('\n')
    .filter((part) => part.trim() !== '')
    .at(-1)
    ?.trim();
  const reason =
    line === undefined
      ? message
          .split('\n')[0]
          ?.replace(file, shown)
          .replace(/ in .*while compiling ejs/, '')
      : what;
  return new Dock0Error(`${shown}${line === undefined ? '' : `:${line}`}: ${reason}`, {
    hint: "Templates are EJS; the configuration's keys are its variables, `vars` holds your own.",
    cause: error,
  });
}
