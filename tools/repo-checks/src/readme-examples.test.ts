import { readWorkspace } from "@sof-ts/workspace";
import { describe, expect, it } from "vitest";
import { programsOf, promised, typeErrors, wrongOutput } from "./readme-programs.js";
import { readText } from "./repository.js";

const programs = readWorkspace().packages.flatMap(({ path }) =>
  programsOf(path, readText(`${path}/README.md`) ?? ""),
);

describe("programs in READMEs", () => {
  it("have no type errors", () => {
    expect(programs.length).toBeGreaterThan(15);
    expect(typeErrors(programs)).toEqual([]);
  });

  it("run, and print what their comments say", () => {
    expect(programs.flatMap(({ code }) => promised(code)).length).toBeGreaterThan(25);
    expect(wrongOutput(programs)).toEqual([]);
  }, 60_000);

  it("are found wrong when they use a name that is not there", () => {
    const readme = '```ts\nimport { noSuchName } from "@sof-ts/workspace";\nnoSuchName();\n```\n';
    const errors = typeErrors(programsOf("tools/repo-checks", readme));
    expect(errors.join("\n")).toContain("noSuchName");
  });

  it("are found wrong when they print something else, or fail", () => {
    const readme =
      '```ts\nconsole.log(1 + 1); // 3\nconsole.log("a", "b"); // a ...\n```\n' +
      '```ts\nthrow new Error("no");\n```\n';
    const wrong = wrongOutput(programsOf("tools/repo-checks", readme));
    expect(wrong).toHaveLength(2);
    expect(wrong[0]).toContain('"3" is not printed; it prints ["2","a b"]');
    expect(wrong[1]).toContain("Error: no");
  });
});
