import { Dock0Error } from '../error';
import { includerOf } from './include';

/** A template, and where it is. */
export interface Template {
  /** Its name in messages and the base of its includes; absolute. */
  file: string;
  /** The folder that it belongs to, which its includes do not leave; absolute. */
  folder: string;
  text: string;
}

/**
 * What JavaScript has everywhere and that leads to the files, the environment and the network of this machine, which
 * nothing records. In a template these names are undefined, unless its variables have them.
 */
export const HIDDEN = ['process', 'require', 'global', 'globalThis', 'fetch'];

/** How EJS is to take a template. */
export function optionsOf({ file, folder }: Template) {
  return {
    filename: file,
    escape: printed,
    includer: includerOf(folder),
    destructuredLocals: HIDDEN,
    // `this` would be the global object.
    context: {},
  };
}

/** What `<%= %>` prints of a value: no HTML escapes in configuration files, and nothing that is there by accident. */
function printed(value: unknown): string {
  if (value === undefined || value === null)
    throw new Dock0Error(`what is to be printed is ${value}`, {
      hint: 'A variable that is not set, or a slip in its name? `<%= … ?? "" %>` prints nothing then.',
    });
  return String(value);
}
