import { describe, expect, it } from "vitest";
import { committedFiles, readText, report } from "./repository.js";
import { lockFileViolations, textViolations } from "./rules/hygiene.js";

const lockFile = "pnpm-lock.yaml";

describe("committed files", () => {
  it("name no machine, no registry and nothing that readers do not have", () => {
    const violations = committedFiles()
      .filter((path) => path !== lockFile)
      .flatMap((path) => {
        const text = readText(path);
        return text === undefined ? [] : textViolations(path, text);
      });
    expect(report(violations)).toEqual([]);
  });

  it("include a lock file that works with any registry", () => {
    expect(report(lockFileViolations(lockFile, readText(lockFile) ?? ""))).toEqual([]);
  });

  it.each([
    "see ../shared/x",
    'open("/root/x")',
    "/home/me/x",
    "cd /work/x",
    "registry=https://registry.npmjs.org/",
    "see facts/ipc4.md",
  ])("do not hold %s", (text) => {
    expect(report(textViolations("a.ts", `\n${text}\n`))).toEqual([
      expect.stringMatching(/^a\.ts:2: /),
    ]);
  });

  it.each(["https://example.org/home/x", "packages/work/x", "kernel/rooted"])(
    "may hold %s",
    (text) => expect(textViolations("a.ts", text)).toEqual([]),
  );

  it("hold no tarball address in the lock file", () => {
    const entry = "  resolution: {integrity: sha512-x, tarball: https://example.org/x.tgz}";
    expect(lockFileViolations(lockFile, entry)).toHaveLength(1);
    expect(lockFileViolations(lockFile, "    deprecated: see https://example.org")).toEqual([]);
  });
});
