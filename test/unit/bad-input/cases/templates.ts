import type { BadInput } from '../table';

const broken = (what: string, template: string, says: string, file = 'etc/motd.ejs'): BadInput => ({
  name: `a template with ${what}`,
  config: 'templates: files\n',
  files: { [`files/${file}`]: template },
  says: `dock0.yaml:1:12: templates.0: files/${file}${says}`,
});

/** Templates that EJS does not understand. */
export const CASES: readonly BadInput[] = [
  broken(
    'a tag that is not closed',
    'a\nb\n<%= name\nc\n',
    ':3: expected a template of EJS: Could not find matching close tag for "<%=".',
  ),
  broken(
    'a slip in its code',
    'a\nb <%= name %>\n<% if (vars.x { %>\nc\n<% } %>\n',
    ":3: expected a template of EJS: Unexpected token '{'",
  ),
  broken(
    'a slip in the third line of a tag',
    'a\n<% foo(\n  1,\n  2 3) %>\nb\n',
    ':4: expected a template of EJS: missing ) after argument list',
    'etc/motd',
  ),
  broken(
    'a slip in one line with much before it',
    'a <%= name %> b <%# c %>\n\nd <%= name %> e <%= a b %>',
    ':3: expected a template of EJS: missing ) after argument list',
  ),
  broken(
    'a block that is not closed',
    'a\n<% if (name) { %>\nb\n',
    ': expected a template of EJS: a bracket is never closed, or one is closed that none opened',
  ),
  broken(
    'a bracket too many',
    'a\n<% } %>\nb\n',
    ': expected a template of EJS: a bracket is never closed, or one is closed that none opened',
  ),
  broken(
    'a slip, which another one includes',
    '<%- 1 2 %>\n',
    ':1: expected a template of EJS: missing ) after argument list',
    '.include/part.ejs',
  ),
];
