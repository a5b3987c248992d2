import type { Violation } from "../repository.js";

const LINK = /\[[^\]]*\]\((?!https?:|#)([^)]+)\)/g;
const NAME = /"([^"]+)"/g;

/** A test that a document names: the file of the last link before the name, and the name. */
export interface NamedTest {
  readonly line: number;
  readonly file: string;
  readonly name: string;
}

/** Relative links of a document, by line. */
function linksOf(text: string): readonly { readonly line: number; readonly file: string }[] {
  return text
    .split("\n")
    .flatMap((content, index) =>
      [...content.matchAll(LINK)].map((match) => ({ line: index + 1, file: match[1] as string })),
    );
}

/** Tests named in the last column of a table's rows, each behind a link to its file. */
export function testsOf(text: string): readonly NamedTest[] {
  return text.split("\n").flatMap((content, index) => {
    const cells = content.split("|");
    if (!content.startsWith("| ") || cells.length !== 6) return [];
    const proof = cells[4] as string;
    return proof.split(";").flatMap((part) => {
      const [link] = [...part.matchAll(LINK)];
      const file = link?.[1];
      if (file === undefined) return [];
      return [...part.matchAll(NAME)].map((name) => ({
        line: index + 1,
        file,
        name: name[1] as string,
      }));
    });
  });
}

/**
 * Links and test names of a document that lead nowhere.
 *
 * @param read text of a file that a link names, or undefined when there is none
 */
export function requirementViolations(
  path: string,
  text: string,
  read: (link: string) => string | undefined,
): readonly Violation[] {
  const broken = linksOf(text)
    .filter(({ file }) => read(file) === undefined)
    .map(({ line, file }) => ({ where: `${path}:${line}`, message: `${file} does not exist` }));
  const missing = testsOf(text)
    .filter(({ file, name }) => !(read(file) ?? "").includes(name))
    .map(({ line, file, name }) => ({
      where: `${path}:${line}`,
      message: `${file} has no test "${name}"`,
    }));
  return [...broken, ...missing];
}
