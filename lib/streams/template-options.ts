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
    // No HTML escapes in configuration files.
    escape: String,
    includer: includerOf(folder),
    destructuredLocals: HIDDEN,
    // `this` would be the global object.
    context: {},
  };
}
