import { type Expression, Visitor } from "oxc-parser";
import type { Violation } from "../repository.js";
import type { SourceFile } from "../source-file.js";

/** Globals whose every use reads a clock or a random source, or waits for the host's time. */
const banned = new Set([
  "Date",
  "performance",
  "crypto",
  "setTimeout",
  "setInterval",
  "setImmediate",
]);

/** Members that read a clock or a random source of an otherwise harmless global. */
const bannedMembers = new Set([
  "Math.random",
  "process.hrtime",
  "process.uptime",
  "process.cpuUsage",
]);

const bannedModules = new Set(["node:perf_hooks", "node:timers", "node:timers/promises"]);

/**
 * Reads of the host's clock or of an unseeded random source. A run of the model must be a function of its
 * input: time is virtual and random numbers come from a seed.
 */
export function clockViolations(file: SourceFile): readonly Violation[] {
  const violations: Violation[] = [];
  const add = (offset: number, what: string) =>
    violations.push({
      where: `${file.path}:${file.lineAt(offset)}`,
      message: `${what}: time is virtual and random numbers are seeded`,
    });
  const checkValue = (node: Expression | null | undefined) => {
    if (node?.type === "Identifier" && banned.has(node.name)) add(node.start, node.name);
  };
  new Visitor({
    MemberExpression(node) {
      checkValue(node.object as Expression);
      const { object, property } = node;
      if (object.type !== "Identifier") return;
      const member =
        property.type === "Literal"
          ? String(property.value)
          : "name" in property
            ? property.name
            : "";
      if (bannedMembers.has(`${object.name}.${member}`))
        add(node.start, `${object.name}.${member}`);
      if (object.name === "globalThis" && banned.has(String(member)))
        add(node.start, String(member));
    },
    NewExpression: (node) => checkValue(node.callee),
    CallExpression: (node) => checkValue(node.callee),
    VariableDeclarator: (node) => checkValue(node.init),
    AssignmentExpression: (node) => checkValue(node.right),
    Property: (node) => {
      if (!node.shorthand) checkValue(node.value as Expression);
    },
  }).visit(file.program);
  for (const { specifier, line } of file.imports) {
    if (!bannedModules.has(specifier)) continue;
    violations.push({ where: `${file.path}:${line}`, message: `${specifier}: time is virtual` });
  }
  return violations;
}
