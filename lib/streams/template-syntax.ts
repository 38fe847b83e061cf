import { Script } from 'node:vm';
import { messageOf } from '../error';
import { optionsOf, type Template } from './template-options';

/** What is wrong with the syntax of a template, and in which of its lines, where that can be told. */
export interface SyntaxProblem {
  reason: string;
  line: number | undefined;
}

/** An instance of EJS's Template, of which its types know nothing. */
interface Compiled {
  compile: () => unknown;
  /** The function that the template becomes, without its frame; empty until all tags are read. */
  source: string;
  /** The line that was read last. */
  currentLine: number;
}
type Compiler = new (text: string, options: ReturnType<typeof optionsOf>) => Compiled;

/** Compiles a template without running it; undefined where that works. */
export function syntaxProblem(ejs: object, template: Template): SyntaxProblem | undefined {
  const { Template: Constructor } = ejs as { Template: Compiler };
  const compiled = new Constructor(template.text, optionsOf(template));
  try {
    compiled.compile();
    return undefined;
  } catch (error) {
    if (!(error instanceof SyntaxError)) return { reason: messageOf(error), line: compiled.currentLine };
    return (
      inCode(compiled.source) ?? { reason: messageOf(error).split(' in ')[0] as string, line: undefined }
    );
  }
}

/** EJS does not say where an error in the code of the tags is; the code notes the lines of the template that it is from. */
function inCode(source: string): SyntaxProblem | undefined {
  try {
    new Script(`(function () {${source}\n})`);
    return undefined;
  } catch (error) {
    const { stack = '' } = error as Error;
    const at = Number(/:(\d+)$/m.exec(stack.split('\n')[0] ?? '')?.[1]);
    const lines = source.split('\n').slice(0, at);
    // The frame behind the last tag.
    if (
      Number.isNaN(at) ||
      lines.length < at ||
      lines.at(-1) === '  return __output;' ||
      lines.at(-1) === '  }'
    )
      return { reason: 'a bracket is never closed, or one is closed that none opened', line: undefined };
    const mark = /^ {4}; __line = (\d+)$/;
    const marked = lines.findLastIndex((line) => mark.test(line));
    const start = lines.findLastIndex((line) => line.startsWith('    ; '));
    const line = Number(mark.exec(lines[marked] ?? '')?.[1] ?? 1) + (lines.length - 1 - start);
    return { reason: messageOf(error), line };
  }
}
