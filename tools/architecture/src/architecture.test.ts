import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { layers, readWorkspace, repoRoot, type WorkspacePackage } from "@sof-ts/workspace";
import { describe, expect, it } from "vitest";
import { packageGraph } from "./dot.js";
import { drawArchitecture, picturePath } from "./picture.js";

const fixture = (path: string, dependencies: readonly string[]): WorkspacePackage => {
  const [group = "", folder = ""] = path.split("/");
  const name = `@sof-ts/${folder}`;
  const manifest = {
    name,
    version: "0.0.0",
    description: "A <b> & more",
    dependencies: Object.fromEntries(dependencies.map((dependency) => [dependency, "workspace:^"])),
  };
  return { name, path, group, dir: path, manifest };
};

describe("the architecture picture", () => {
  it("shows the packages as they are (pnpm architecture draws it again)", async () => {
    const file = join(repoRoot, picturePath);
    const committed = existsSync(file) ? readFileSync(file, "utf8") : "";
    expect(committed === (await drawArchitecture())).toBe(true);
  });

  it("holds every package and application by name", () => {
    const { packages } = readWorkspace();
    const graph = packageGraph(packages, layers);
    for (const { name, group } of packages) {
      expect(graph.includes(`"${name}" [`), name).toBe(group !== "tools");
    }
  });
});

describe("packageGraph", () => {
  const graph = packageGraph(
    [
      fixture("packages/kit", []),
      fixture("packages/soc", ["@sof-ts/kit"]),
      fixture("apps/firmware", ["@sof-ts/kit", "@sof-ts/soc", "left-pad"]),
      fixture("tools/bench", ["@sof-ts/kit"]),
    ],
    [
      { title: "low", packages: ["kit"] },
      { title: "middle", packages: ["soc"] },
      { title: "future", packages: ["explorer"] },
      { title: "high", packages: ["firmware"] },
    ],
  );

  it("draws direct dependencies only, and neither tools nor npm packages", () => {
    expect(graph.match(/"[^"]+" -> "[^"]+"/g)).toEqual([
      '"@sof-ts/soc" -> "@sof-ts/kit"',
      '"@sof-ts/firmware" -> "@sof-ts/soc"',
    ]);
    expect(graph).not.toContain("bench");
  });

  it("puts the layers that have packages in rows, highest first", () => {
    expect(graph.match(/rank=same; layer\d; "[^"]+"/g)).toEqual([
      'rank=same; layer0; "@sof-ts/firmware"',
      'rank=same; layer1; "@sof-ts/soc"',
      'rank=same; layer2; "@sof-ts/kit"',
    ]);
    expect(graph).not.toContain("future");
  });

  it("escapes what it takes from manifests", () => {
    expect(graph).toContain("A &lt;b&gt; &amp; more");
  });
});
