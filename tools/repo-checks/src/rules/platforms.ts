import { Visitor } from "oxc-parser";
import type { Violation } from "../repository.js";
import type { SourceFile } from "../source-file.js";

/** What a DSP platform, or the generation it belongs to, is called. */
const named = /^(tgl|adl|rpl|mtl|arl|lnl|ptl|wcl|cavs|cavs[0-9.]+|ace|ace[0-9.]+)$/i;

/**
 * Names of platforms in code: literals, keys of objects, patterns. Platforms differ by their descriptions only, so
 * what depends on one is a field there, and no code asks which it runs on.
 */
export function platformViolations(file: SourceFile): readonly Violation[] {
  const violations: Violation[] = [];
  const check = (start: number, text: string) => {
    if (!named.test(text)) return;
    violations.push({
      where: `${file.path}:${file.lineAt(start)}`,
      message: `"${text}" names a platform: ask its description`,
    });
  };
  new Visitor({
    Literal(node) {
      if ("regex" in node && node.regex) {
        for (const word of node.regex.pattern.split(/[^a-z0-9.]+/i)) check(node.start, word);
      } else if (typeof node.value === "string") check(node.start, node.value);
    },
    TemplateElement: (node) => check(node.start, node.value.raw),
    Property(node) {
      if (node.key.type === "Identifier" && !node.computed && !node.shorthand)
        check(node.start, node.key.name);
    },
  }).visit(file.program);
  return violations;
}
