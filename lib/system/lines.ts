import type { Readable } from 'node:stream';

/** The lines of a stream as they come; the last one may have no end. */
export async function* linesOf(stream: Readable): AsyncGenerator<string> {
  let rest = '';
  stream.setEncoding('utf8');
  for await (const chunk of stream) {
    const lines = `${rest}${chunk}`.split(/\r?\n/);
    rest = lines.pop() as string;
    yield* lines;
  }
  if (rest !== '') yield rest;
}

/** Keeps the last lines of a stream, whatever its length. */
export class Tail {
  private lines: string[] = [];

  constructor(private readonly most: number) {}

  add(line: string): void {
    this.lines.push(line);
    if (this.lines.length > this.most * 2) this.lines = this.lines.slice(-this.most);
  }

  text(most = this.most): string {
    const count = Math.min(most, this.most);
    return (this.lines.length > count ? this.lines.slice(-count) : this.lines).join('\n');
  }
}
