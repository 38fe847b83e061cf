import { isUtf8 } from 'node:buffer';
import { readFileSync } from 'node:fs';

/** The text of a file; or what is wrong with it, and where. */
export type FileText = { text: string } | { problem: string; line: number; column: number };

/** Reads a file of the user's as UTF-8, without a byte order mark. @throws system errors */
export function readText(path: string): FileText {
  const bytes = readFileSync(path);
  if (isUtf8(bytes)) return { text: bytes.toString('utf8').replace(/^\uFEFF/, '') };
  const mark = bytes.subarray(0, 2).toString('latin1');
  if (mark === '\xff\xfe' || mark === '\xfe\xff')
    return { problem: 'the file is UTF-16; save it as UTF-8', line: 1, column: 1 };
  const at = firstBad(bytes);
  const before = bytes.subarray(0, at).toString('utf8').split('\n');
  const code = bytes[at]?.toString(16);
  return {
    problem: `the byte 0x${code} is not UTF-8; save the file as UTF-8 (\`iconv -f latin1 -t utf8\` converts Latin-1)`,
    line: before.length,
    column: (before.at(-1)?.length ?? 0) + 1,
  };
}

/** Where bytes stop being UTF-8. */
function firstBad(bytes: Buffer): number {
  let at = 0;
  while (at < bytes.length) {
    const length = [1, 2, 3, 4].find((count) => isUtf8(bytes.subarray(at, at + count)));
    if (length === undefined) return at;
    at += length;
  }
  return at;
}
