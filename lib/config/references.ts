/** A part of a text: literal, `${a.key}`, `${env:NAME:-default}` or `${secret:NAME}`; of these, `text` is what the braces hold. */
export type Piece =
  | { kind: 'text'; text: string }
  | { kind: 'key'; text: string }
  | { kind: 'env'; text: string; name: string; fallback: string | undefined }
  | { kind: 'secret'; text: string; name: string };

/**
 * Splits a text at its references; `$${` is a literal `${`.
 *
 * @returns undefined for a reference without an end
 */
export function pieces(text: string): Piece[] | undefined {
  const parts: Piece[] = [];
  let literal = '';
  let at = 0;
  while (at < text.length) {
    if (text.startsWith('$${', at)) {
      literal += '${';
      at += 3;
    } else if (text.startsWith('${', at)) {
      const end = endOf(text, at);
      if (end === undefined) return undefined;
      if (literal !== '') parts.push({ kind: 'text', text: literal });
      literal = '';
      parts.push(reference(text.slice(at + 2, end)));
      at = end + 1;
    } else {
      literal += text[at];
      at++;
    }
  }
  if (literal !== '' || parts.length === 0) parts.push({ kind: 'text', text: literal });
  return parts;
}

/** A reference as it is written. */
export function referenceTo(text: string): string {
  return `$\{${text}}`;
}

/** Where the brace of a reference closes; a default may have references in it. */
function endOf(text: string, start: number): number | undefined {
  let open = 0;
  for (let at = start; at < text.length; at++) {
    if (text.startsWith('${', at)) open++;
    else if (text[at] === '}' && --open === 0) return at;
  }
  return undefined;
}

function reference(text: string): Piece {
  const [, name, fallback] = /^env:([A-Za-z_]\w*)(?::-([\s\S]*))?$/.exec(text.trim()) ?? [];
  if (name !== undefined) return { kind: 'env', text: text.trim(), name, fallback };
  const secret = /^secret:([A-Za-z_]\w*)$/.exec(text.trim())?.[1];
  if (secret !== undefined) return { kind: 'secret', text: text.trim(), name: secret };
  return { kind: 'key', text: text.trim() };
}

/**
 * Splits a path of keys such as `kernel.source.url`; a key with a dot is quoted: `permissions."/etc/x.conf".mode`.
 *
 * @returns undefined for an invalid path
 */
export function splitKeys(path: string): string[] | undefined {
  const keys: string[] = [];
  const pattern = /(?:"((?:[^"\\]|\\.)*)"|([^."]+))(\.|$)/y;
  while (true) {
    const match = pattern.exec(path);
    if (match === null) return undefined;
    keys.push(match[2] ?? (match[1] as string).replace(/\\(.)/g, '$1'));
    if (match[3] === '') return keys;
  }
}
