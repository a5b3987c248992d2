import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { corpusTopologies } from "./corpus.js";
import { echoCancellingCapture, mixedPlayback } from "./samples.js";

describe("corpusTopologies", () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "topologies-"));
    mkdirSync(join(folder, "v1"));
    const defective = mixedPlayback({ allowDefects: true }).route("mixin.1.1", "nowhere").build();
    const cut = mixedPlayback().build().slice(0, 1000);
    const lying = mixedPlayback().build();
    lying[36 + 8] = 99;
    writeFileSync(join(folder, "v1", "a-good.tplg"), echoCancellingCapture().build());
    writeFileSync(join(folder, "v1", "b-defective.tplg"), defective);
    writeFileSync(join(folder, "c-cut.tplg"), cut);
    writeFileSync(join(folder, "d-lying.tplg"), lying);
    writeFileSync(join(folder, "notes.txt"), "not a topology");
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  it("makes a row for each topology, and passes defective but readable ones", () => {
    expect(corpusTopologies(folder)).toEqual([
      {
        file: "c-cut.tplg",
        ok: false,
        result: expect.stringMatching(/^c-cut\.tplg, offset \d+ .*truncated/),
      },
      { file: "d-lying.tplg", ok: false, result: expect.stringContaining('"widgets":14') },
      { file: "v1/a-good.tplg", ok: true, result: "4 pipelines, 13 widgets, 2 PCMs" },
      {
        file: "v1/b-defective.tplg",
        ok: true,
        result: "3 pipelines, 14 widgets, 2 PCMs, route-end-missing",
      },
    ]);
  });
});
