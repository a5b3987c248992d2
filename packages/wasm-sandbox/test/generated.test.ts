import { describe, expect, it } from "vitest";
import { modules, sourceHash } from "../scripts/modules.js";

describe.each(modules)("the test module $name", (module) => {
  it("is made from the sources that are checked in", async () => {
    const generated = (await import(`./generated/${module.name}.ts`)) as { sourceHash: string };
    expect(generated.sourceHash, "run pnpm --filter @sof-ts/wasm-sandbox generate").toBe(
      sourceHash(module),
    );
  });
});
