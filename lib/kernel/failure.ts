import { Dock0Error } from '../error';
import { CommandError } from '../system/process';

/** What make announces a target with: `  CC [M]  lib/crc7.o`. */
const TARGET = /^ {2}[A-Z][A-Z0-9_]*(?: \[M\])?\s+\S/;

/** Finds in make's output the target that failed, with all that its own commands printed. */
interface FailureWatch {
  see: (line: string) => void;
  /** The error as a user should see it; a full disk stays what it is. */
  explain: (error: unknown) => unknown;
}

/** Opens a watch for one run of make, whose output comes target by target (`--output-sync`). */
export function watchFailure(): FailureWatch {
  let own: string[] = [];
  let failed = false;
  let name: string | undefined;
  let full = false;
  return {
    see: (line) => {
      full ||= line.includes('No space left on device');
      if (failed) return;
      if (TARGET.test(line)) own = [];
      failed = /^make(\[\d+\])?: \*\*\* /.test(line);
      name = /\*\*\* \[(?:.*:\d+: )?(.+)\] Error/.exec(line)?.[1];
      own.push(line);
    },
    explain: (error) => {
      if (!(error instanceof CommandError) || full) return error;
      const said = own.filter((line) => !/^make(\[\d+\])?: /.test(line));
      const lines = said.length > 0 ? said : own;
      const what = `the kernel can't be compiled${name === undefined ? '' : `: ${name} failed`}`;
      const header = /fatal error: ((?:gelf|libelf|openssl\/\w+)\.h): No such file/.exec(
        lines.join('\n'),
      )?.[1];
      return new Dock0Error([what, ...lines.map((line) => `    ${line}`)].join('\n'), {
        hint: header === undefined ? undefined : `\`gulp setup\` installs the package that has ${header}.`,
        cause: error,
      });
    },
  };
}
