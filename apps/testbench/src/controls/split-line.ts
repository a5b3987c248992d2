import { InputError } from "@sof-ts/kit";
import { parse } from "shell-quote";

/**
 * Splits a line of a script into words as a POSIX shell does: quotes, escapes, `#` comments. Scripts run no
 * shell, so what only a shell could do is refused.
 *
 * @param where file and line, for errors
 * @returns no words for an empty line or a comment
 * @throws InputError for an open quote, a variable, a pattern, a pipe, a redirection
 */
export function splitLine(line: string, where: string): string[] {
  const open = openQuote(line);
  if (open !== null) throw new InputError(`the quote ${open} is never closed`, { source: where });
  const words: string[] = [];
  const variable = (name: string): never => {
    throw new InputError(`the variable $${name} has no value here`, {
      source: where,
      remedy: "Write the value itself",
    });
  };
  for (const part of parse(line, variable)) {
    if (typeof part === "string") words.push(part);
    else if ("op" in part) {
      const text = part.op === "glob" ? part.pattern : part.op;
      throw new InputError(`"${text}" needs a shell, and none runs here`, {
        source: where,
        remedy: "Write one command on each line, and quote names",
      });
    }
  }
  return words;
}

/** The quote that a line leaves open; null when there is none. */
function openQuote(line: string): string | null {
  let quote: string | null = null;
  for (let i = 0; i < line.length; i++) {
    const char = line[i] as string;
    if (char === "\\" && quote !== "'") i++;
    else if (quote !== null) quote = char === quote ? null : quote;
    else if (char === '"' || char === "'") quote = char;
    else if (char === "#" && (i === 0 || /\s/.test(line[i - 1] as string))) return null;
  }
  return quote;
}
