import { importStack, writeImported } from '../lib/import/write';

/** What the task is called. */
export const IMPORT_TASK = 'import-dock0';
export const IMPORT_DESCRIPTION =
  "Turns a dock0 (2014) configuration into this one's: gulp import-dock0 config.yaml HOST.yaml…";

/**
 * The files that follow the task's name on a command line. gulp takes them for tasks: a gulpfile gives each of these
 * names a task that does nothing.
 */
export function importedFiles(argv: readonly string[]): string[] {
  const at = argv.indexOf(IMPORT_TASK);
  if (at < 0) return [];
  const rest = argv.slice(at + 1);
  const flag = rest.findIndex((word) => word.startsWith('-'));
  return flag < 0 ? rest : rest.slice(0, flag);
}

/**
 * Imports the stack that the command line names and says what is something else now.
 *
 * @throws Dock0Error for files that are missing, no dock0 configuration, or in the way of what is written
 */
export async function importDock0(
  argv: readonly string[],
  cwd: string,
  log: (line: string) => void,
): Promise<void> {
  const imported = await importStack(importedFiles(argv), cwd);
  writeImported(imported);
  for (const { path } of imported.files) log(`wrote ${path}`);
  if (imported.notes.length > 0) log('something else here, or not carried over:');
  for (const note of imported.notes) log(`  ${note}`);
}
