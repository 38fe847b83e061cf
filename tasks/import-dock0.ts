/** What the task is called. */
const NAME = 'import-dock0';

/**
 * Turns the dock0 stack that the command line names into a configuration of ours:
 * `gulp import-dock0 config.yaml configs/HOST.yaml …`.
 */
export const importDock0 = Object.assign(
  () => importNamed(process.argv, process.cwd(), (line) => void process.stdout.write(`${line}\n`)),
  {
    displayName: NAME,
    description: 'Converts the dock0 (2014) configuration files given after it',
  },
);

/**
 * The files that follow the task's name on a command line. gulp takes every word for a task, so a gulpfile has to give
 * each of these names a task that does nothing.
 */
export function importedFiles(argv: readonly string[]): string[] {
  const at = argv.indexOf(NAME);
  if (at < 0) return [];
  const rest = argv.slice(at + 1);
  const flag = rest.findIndex((word) => word.startsWith('-'));
  return flag < 0 ? rest : rest.slice(0, flag);
}

/**
 * Imports the stack that `argv` names, and says what is something else now.
 *
 * @throws Dock0Error for files that are missing, no dock0 configuration, or in the way of what is written
 */
export async function importNamed(
  argv: readonly string[],
  cwd: string,
  log: (line: string) => void,
): Promise<void> {
  const { importStack, writeImported } = await import('../lib/import/write');
  const imported = await importStack(importedFiles(argv), cwd);
  writeImported(imported);
  for (const { path } of imported.files) log(`wrote ${path}`);
  if (imported.notes.length > 0) log('Different here, or not carried over:');
  for (const note of imported.notes) log(`  ${note}`);
}
