import { readFileSync } from "node:fs";
import { join } from "node:path";
import getReleasePlan from "@changesets/get-release-plan";
import { readWorkspace, repoRoot } from "@sof-ts/workspace";
import { describe, expect, it } from "vitest";
import { severalVersions } from "./allow-lists.js";
import { packageFixture } from "./fixtures.js";
import { report } from "./repository.js";
import { shapeViolations } from "./rules/package-shape.js";

const { packages, rootManifest } = readWorkspace();
const published = packages.filter(({ manifest }) => manifest.private !== true);

describe("packages", () => {
  it("have a description, closed exports, the same scripts and a README", () => {
    expect(report(packages.flatMap((pkg) => shapeViolations(pkg)))).toEqual([]);
  });

  it("refuse open exports, a missing README and a dependency without a reason", () => {
    const good = {
      description: "d",
      license: "Apache-2.0",
      type: "module",
      sideEffects: false,
      engines: { node: ">=20.19" },
      files: ["dist", "src", "README.md"],
      exports: {
        ".": {
          "@sof-ts/source": "./src/index.ts",
          types: "./dist/index.d.ts",
          import: "./dist/index.js",
        },
        "./package.json": "./package.json",
      },
      scripts: { build: "x", typecheck: "x", "check:package": "x" },
      dependencies: { fft: "1.0.0" },
    };
    const readme = "# @sof-ts/kit\n\n`fft` because it is fast.\n\n```ts\n```\n";
    const check = (changes: object, text: string | undefined = readme) =>
      shapeViolations(packageFixture("packages/kit", { ...good, ...changes }), () => text).map(
        ({ message }) => message,
      );
    expect(check({})).toEqual([]);
    expect(check({ exports: { ...good.exports, "./src/*": "./src/*" } })).toHaveLength(1);
    expect(check({ description: "", private: true })).toHaveLength(2);
    expect(check({ scripts: {}, files: [], sideEffects: undefined })).toHaveLength(7);
    expect(check({ name: "@sof-ts/other" })).toHaveLength(2);
    expect(check({}, "# @sof-ts/kit\n")).toHaveLength(2);
    expect(shapeViolations(packageFixture("packages/kit", good), () => undefined)).toHaveLength(1);
    expect(
      shapeViolations(
        packageFixture("tools/bench", { description: "d" }),
        () => "# @sof-ts/bench\n",
      ),
    ).toHaveLength(1);
  });

  it("have one line each in the README of the repository", () => {
    const readme = readFileSync(join(repoRoot, "README.md"), "utf8");
    const listed = [...readme.matchAll(/^\| \[[^\]]+\]\(((?:packages|apps)\/[^)]+)\) \|/gm)];
    const paths = packages.filter(({ group }) => group !== "tools").map(({ path }) => path);
    expect(listed.map(([, path]) => path).sort()).toEqual(paths.sort());
  });

  it("depend on one another through the workspace protocol", () => {
    const others = packages.flatMap(({ path, manifest }) =>
      Object.entries({ ...manifest.dependencies, ...manifest.devDependencies })
        .filter(([name, range]) => name.startsWith("@sof-ts/") && range !== "workspace:^")
        .map(([name, range]) => `${path}: ${name}@${range}`),
    );
    expect(others).toEqual([]);
  });

  it("use one version of each third-party package", () => {
    const ranges = new Map<string, Set<string>>();
    for (const manifest of [rootManifest, ...packages.map((pkg) => pkg.manifest)]) {
      for (const [name, range] of Object.entries({
        ...manifest.dependencies,
        ...manifest.devDependencies,
      })) {
        ranges.set(name, (ranges.get(name) ?? new Set()).add(range));
      }
    }
    const several = [...ranges].filter(([, found]) => found.size > 1).map(([name]) => name);
    expect(several).toEqual(Object.keys(severalVersions));
  });
});

describe("changesets", () => {
  it("are valid and name every package that was never released", async () => {
    const { changesets, releases } = await getReleasePlan(repoRoot);
    const released = releases.filter(({ type }) => type !== "none").map(({ name }) => name);
    const missing = published
      .filter(({ name, manifest }) => manifest.version === "0.0.0" && !released.includes(name))
      .map(({ name }) => name);
    expect(missing).toEqual([]);
    expect(changesets.filter(({ summary }) => summary.trim() === "").map(({ id }) => id)).toEqual(
      [],
    );
  });
});
