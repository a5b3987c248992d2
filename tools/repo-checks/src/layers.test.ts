import { readWorkspace } from "@sof-ts/workspace";
import { describe, expect, it } from "vitest";
import { packageFixture } from "./fixtures.js";
import { report } from "./repository.js";
import { dependencyViolations, tableViolations } from "./rules/layers.js";

const { packages } = readWorkspace();

describe("layers", () => {
  it("finds the packages of this repository", () => {
    expect(packages.map(({ path }) => path)).toEqual(
      expect.arrayContaining([
        "packages/kit",
        "packages/kernel",
        "apps/firmware",
        "tools/repo-checks",
      ]),
    );
  });

  it("gives every package one place in the table", () => {
    expect(report(tableViolations(packages))).toEqual([]);
  });

  it("lets packages depend on lower layers only", () => {
    expect(report(dependencyViolations(packages))).toEqual([]);
  });

  it("refuses a package without a layer and one with two", () => {
    const table = [
      { title: "a", packages: ["kit"] },
      { title: "b", packages: ["kit"] },
    ];
    expect(report(tableViolations([packageFixture("packages/stray")], table))).toEqual([
      "tools/workspace/src/layers.ts: @sof-ts/stray has no layer",
      "tools/workspace/src/layers.ts: kit is in two layers",
    ]);
  });

  it("refuses a dependency that goes up, sideways or nowhere, in every field", () => {
    const kernel = packageFixture("packages/kernel", {
      dependencies: { "@sof-ts/kit": "workspace:^", "@sof-ts/soc": "workspace:^" },
      devDependencies: { "@sof-ts/pipeline": "workspace:^" },
      peerDependencies: { "@sof-ts/nothing": "workspace:^" },
    });
    expect(report(dependencyViolations([kernel])).map((line) => line.split(": ")[1])).toEqual([
      "dependencies",
      "devDependencies",
      "peerDependencies",
    ]);
  });

  it("keeps soc and kernel apart, and lets modules read the wire protocol", () => {
    const depends = (path: string, on: string) =>
      dependencyViolations([packageFixture(path, { dependencies: { [on]: "workspace:^" } })])
        .length;
    expect(depends("packages/soc", "@sof-ts/kernel")).toBe(1);
    expect(depends("packages/kernel", "@sof-ts/soc")).toBe(1);
    expect(depends("packages/modules", "@sof-ts/ipc4")).toBe(0);
    expect(depends("packages/host", "@sof-ts/topology")).toBe(0);
  });
});
