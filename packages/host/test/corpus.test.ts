import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { TopologyBuilder } from "@sof-ts/topology";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { corpusHost } from "./corpus.js";
import { addMixedPcm, analogCapture, mixedPlayback } from "./topologies.js";

let folder = "";

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "host-corpus-"));
  mkdirSync(join(folder, "topologies", "v1"), { recursive: true });
  const broken = new TopologyBuilder({ allowDefects: true });
  addMixedPcm(broken, "mixout.21.1", { pipeline: 1, id: 0, name: "Nowhere" });
  const files = { a: mixedPlayback(), b: analogCapture(), c: broken };
  for (const [name, builder] of Object.entries(files)) {
    writeFileSync(join(folder, "topologies", "v1", `${name}.tplg`), builder.build());
  }
});

afterAll(() => rmSync(folder, { recursive: true }));

describe("the corpus run", () => {
  it("has a row for each direction of each PCM, and takes a refusal for right where it must be", () => {
    expect(
      corpusHost(folder).map(({ file, pcm, modules, result, ok }) => [
        file,
        pcm,
        modules,
        result,
        ok,
      ]),
    ).toEqual([
      ["a.tplg", "Music", "copier gain mixin mixout", "messages: 29", true],
      ["a.tplg", "Deep Buffer", "copier gain mixin mixout", "messages: 28", true],
      ["a.tplg", "all 2 at once", "", "messages: 44", true],
      ["b.tplg", "Record", "copier eq_iir", "messages: 24", true],
      ["b.tplg", "Monitor", "copier eq_iir", "messages: 24", true],
      ["b.tplg", "all 2 at once", "", "messages: 36", true],
      ["c.tplg", "Nowhere", "", expect.stringMatching(/mixout.21.1.*\[route into nowhere\]/), true],
    ]);
  });
});
