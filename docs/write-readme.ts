import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { flagDescriptions } from '../lib/config/flags';
import { reference } from '../lib/config/reference';
import { distributions } from '../lib/distributions';

const NAMES = ['auto', ...Object.keys(distributions)];
const README = join(__dirname, '..', 'README.md');

/** The README with its generated tables as the code has them now. */
export function readme(text: string): string {
  return section(section(text, 'flags', flagTable()), 'reference', reference({ distribution: NAMES }).trim());
}

function flagTable(): string {
  const rows = Object.entries<{ value?: string; description: string; repeatable?: boolean }>(
    flagDescriptions,
  ).map(
    ([name, { value, description, repeatable }]) =>
      `| \`${name}${value === undefined ? '' : ` ${value}`}\`${repeatable ? ', repeatable' : ''} | ${description} |`,
  );
  return ['| flag | meaning |', '| --- | --- |', ...rows].join('\n');
}

function section(text: string, name: string, content: string): string {
  const [open, close] = [`<!-- ${name} -->`, `<!-- /${name} -->`];
  const from = text.indexOf(open) + open.length;
  return `${text.slice(0, from)}\n${content}\n${text.slice(text.indexOf(close))}`;
}

if (require.main === module) writeFileSync(README, readme(readFileSync(README, 'utf8')));
