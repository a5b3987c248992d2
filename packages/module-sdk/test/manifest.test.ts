import { describe, expect, it } from "vitest";
import { readManifest } from "../src/index.js";

const UUID = "0b5c9f6e-6f0a-4d53-8a5f-0d8c1a4b2e77";
const module = { name: "EFFECT", uuid: UUID, source: "a.ts" };
const read = (value: unknown) => readManifest(JSON.stringify(value), "sof-module.json");
const withModule = (changes: object) =>
  read({ library: "LIB", modules: [{ ...module, ...changes }] });

describe("a manifest", () => {
  it("needs a library, and a module with name, UUID and source; the rest has defaults", () => {
    const { library, version, modules } = read({ library: "LIB", modules: [module] });
    expect({ library, version }).toEqual({
      library: "LIB",
      version: { major: 1, minor: 0, hotfix: 0, build: 0 },
    });
    expect(modules[0]).toMatchObject({
      ...module,
      domain: "LL",
      initConfig: "base",
      maxInstances: 8,
      configs: [],
      controls: [],
      flags: [],
      check: { change: null, refused: [], blockDependent: false },
    });
  });

  it("keeps everything that it says", () => {
    const { modules } = withModule({
      domain: "DP",
      flags: ["-msimd128"],
      configs: [{ ibs: 384, obs: 768, cpc: 1000 }],
      controls: [{ kind: "bytes", name: "Settings", param: 3, bytes: "01fF" }],
      check: { change: { bytes: "00" }, blockFrames: 96, blockDependent: true },
    });
    expect(modules[0]).toMatchObject({
      domain: "DP",
      flags: ["-msimd128"],
      configs: [{ ibs: 384, obs: 768, cpc: 1000, cps: 0 }],
      controls: [{ kind: "bytes", name: "Settings", param: 3, bytes: Uint8Array.of(1, 255) }],
      check: { change: [0, Uint8Array.of(0)], blockFrames: 96, blockDependent: true },
    });
  });

  it.each([
    [{ name: "TOO-LONG-A-NAME" }, 'modules[0].name "TOO-LONG-A-NAME" is no name. Use 1 to 8'],
    [{ uuid: "12" }, 'modules[0].uuid "12" is no UUID. `uuidgen` makes one'],
    [{ source: "a.rs" }, 'modules[0].source "a.rs" is in no known language'],
    [{ maxInstances: 0 }, "modules[0].maxInstances is no whole number in range. Use 1 to 65535"],
    [{ domain: "EDF" }, 'modules[0].domain is "EDF". Use "LL" or "DP"'],
    [{ extra: 1 }, "modules[0].extra is unknown. Known are name, uuid, source, auxiliary"],
    [{ controls: [{ name: "a", kind: "knob" }] }, 'controls[0].kind is "knob"'],
    [{ controls: [{ name: "a", kind: "bytes", bytes: "0" }] }, "is no hexadecimal text"],
    [{ check: { change: 4 } }, "modules[0].check.change is no object"],
    [{ auxiliary: true }, "modules[0].offers is empty. List the functions that others may call"],
    [{ flags: "-O2" }, "modules[0].flags is no list of texts"],
  ])("is refused with %o", (changes, message) => {
    expect(() => withModule(changes)).toThrow(message);
  });

  it("is refused for what is wrong with the library, or for modules that are the same", () => {
    expect(() => read({ modules: [module] })).toThrow("sof-module.json: library is missing");
    expect(() => read({ library: "LIB", modules: [] })).toThrow("modules is empty");
    expect(() => read({ library: "LIB", version: "1.x", modules: [module] })).toThrow(
      'version "1.x" is no version. Write "1.0.0.0"',
    );
    expect(() => read([])).toThrow("the file is no object");
    const second = { ...module, name: "OTHER" };
    expect(() => read({ library: "LIB", modules: [module, second] })).toThrow(
      `modules[1] has the UUID ${UUID} of modules[0]`,
    );
  });

  it("that is no JSON is refused with the offset", () => {
    expect(() => readManifest('{ "library": LIB }', "sof-module.json")).toThrow(
      /^sof-module\.json, offset 13 \(0xd\): no JSON: invalid symbol\. .*double quotes/,
    );
    expect(() => readManifest('{ "library": ', "sof-module.json")).toThrow(/offset 13 .*expected/);
  });

  it("may have comments", () => {
    const text = `{ // whose\n "library": "LIB", "modules": [${JSON.stringify(module)},] }`;
    expect(readManifest(text, "sof-module.json").library).toBe("LIB");
  });
});
