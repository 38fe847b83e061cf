const [ESC, BEL] = [27, 7].map((code) => String.fromCharCode(code));

/** Strings, up to their end: titles, questions, and the marks that systemd sets around a boot and a login (OSC 3008). */
const STRING = `[\\]PX^_][^${BEL}${ESC}]*(?:${BEL}|${ESC}\\\\)?`;
/** Sequences with parameters: colours, movements. */
const WITH_PARAMETERS = '\\[[0-?]*[ -/]*[@-~]';
/** All others: a letter, sometimes with more in front of it. */
const SHORT = '[ -/]*[0-~]';
const SEQUENCES = new RegExp(`${ESC}(?:${STRING}|${WITH_PARAMETERS}|${SHORT})`, 'g');

/** A line of a console without what a terminal acts upon instead of showing it (ECMA-48), and without blanks at its end. */
export function plainText(line: string): string {
  return [...line.replace(SEQUENCES, '')]
    .filter((letter) => letter >= ' ' || letter === '\t')
    .join('')
    .trimEnd();
}
