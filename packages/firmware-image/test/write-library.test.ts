import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  codeSection,
  configsOf,
  type ImageError,
  type LibraryDescription,
  type ModuleDescription,
  moduleApiVersion,
  readImage,
  type UnitDescription,
  writeLibrary,
} from "@sof-ts/firmware-image";
import { slowCrc32 } from "./raw.js";
import { importingWasm, wasmModule } from "./wasm.js";

const uuid = (n: number) => `${n.toString(16).padStart(8, "0")}-0001-0002-0304-05060708090a`;

const limiter: ModuleDescription = {
  name: "LIMITER",
  uuid: uuid(1),
  maxInstances: 8,
  configs: [
    { ibs: 384, obs: 384, cpc: 5000 },
    { ibs: 768, obs: 768, cpc: 9000, instanceBytes: 4096 },
  ],
};

const library = (...units: UnitDescription[]): LibraryDescription => ({
  name: "EXAMPLE",
  version: { major: 1, minor: 2, hotfix: 3, build: 4 },
  units,
});

const u32 = (bytes: Uint8Array, at: number) => new DataView(bytes.buffer).getUint32(at, true);

describe("a library that was written", () => {
  const file = writeLibrary(
    library({
      modules: [
        limiter,
        { name: "GATE", uuid: uuid(2), maxInstances: 1, domain: "DP", initConfig: "base+ext" },
      ],
      text: wasmModule(),
      rodata: Uint8Array.of(1, 2, 3),
      data: Uint8Array.of(4, 5),
      bssBytes: 9000,
      cold: Uint8Array.of(6),
      coldRodata: Uint8Array.of(7, 8),
    }),
  );
  const image = readImage(file, "example.bin");

  it("has every part at its place", () => {
    const length = 16 + 2 * 40;
    expect(new TextDecoder().decode(file.subarray(0, 4))).toBe("$AE1");
    expect(u32(file, 4)).toBe(length);
    expect(new TextDecoder().decode(file.subarray(length, length + 4))).toBe("$CPD");
    expect(new TextDecoder().decode(file.subarray(length + 0x5c + 28, length + 0x5c + 32))).toBe(
      "$MN2",
    );
    expect(u32(file, length + 0x5c + 24)).toBe(281);
    expect([0x3e0, 0x44c, 0x4b4].map((at) => u32(file, length + at))).toEqual([0x23, 0x16, 0x11]);
    expect(new TextDecoder().decode(file.subarray(length + 0x2000, length + 0x2004))).toBe("$AM1");
    expect(new TextDecoder().decode(file.subarray(length + 0x2034, length + 0x2038))).toBe("$AME");
    expect(u32(file, length + 0x2034 + 28)).toBe(0x22);
    expect(u32(file, length + 0x2034 + 116 + 28)).toBe(0x142);
    expect(file.subarray(length + 0x8000, length + 0x8004)).toEqual(
      Uint8Array.of(0x7f, 0x45, 0x4c, 0x46),
    );
    expect((file.length - length) % 4096).toBe(0);
    expect(u32(file, length + 0x2010) * 4096).toBe(file.length - length);
  });

  it("has a directory without the overrun of older tools, and its checksum", () => {
    const payload = image.payload;
    const copy = payload.slice(0, 92);
    copy.fill(0, 16, 20);
    expect(u32(payload.slice(), 16)).toBe(slowCrc32(copy));
    expect(image.directory.partitions).toEqual([
      { name: "ADSP.man", offset: 0x5c, length: 0x458 },
      { name: "ADSP.met", offset: 0x4b4, length: 112 },
      { name: "ADSP", offset: 0x524, length: payload.length - 0x524 },
    ]);
  });

  it("says of its modules what was described", () => {
    expect(image.header).toMatchObject({ name: "EXAMPLE", imageType: 2, version: { build: 4 } });
    const [first, second] = image.modules;
    expect(first).toMatchObject({
      name: "LIMITER",
      uuid: uuid(1),
      maxInstances: 8,
      affinityMask: 0xffffffff,
      type: { loadType: 2, lowLatency: true, dataProcessing: false, initConfig: 0 },
    });
    expect(second?.type).toMatchObject({ lowLatency: false, dataProcessing: true, initConfig: 1 });
    expect(configsOf(image, first!).map(({ ibs, cpc }) => [ibs, cpc])).toEqual([
      [384, 5000],
      [768, 9000],
    ]);
    expect(configsOf(image, second!)).toEqual([]);
    expect(image.extManifest?.modules.map((module) => module.uuid)).toEqual([uuid(1), uuid(2)]);
  });

  it("has its sections on pages of their own, .bss among the data, cold ones detached", () => {
    const [unit] = image.units;
    expect(unit).toMatchObject({
      code: "wasm",
      auxiliary: false,
      apiVersion: moduleApiVersion(5, 0, 1),
    });
    expect(unit?.regions.map(({ kind, address, size }) => [kind, address, size])).toEqual([
      ["text", 0xa0688000, 0x1000],
      ["rodata", 0xa0689000, 0x1000],
      ["data", 0xa068a000, 0x3000],
      ["cold", 0, 0x1000],
      ["cold-rodata", 0x1000, 0x1000],
    ]);
    expect(codeSection(unit!)?.bytes).toEqual(wasmModule());
  });

  it("is the same file each time", () => {
    const again = writeLibrary(library({ modules: [limiter], text: wasmModule() }));
    expect(writeLibrary(library({ modules: [limiter], text: wasmModule() }))).toEqual(again);
  });
});

describe("units of a library", () => {
  it("name what they import and export", () => {
    const image = readImage(
      writeLibrary(
        library(
          {
            modules: [{ name: "MATHS", uuid: uuid(3), maxInstances: 0 }],
            text: wasmModule(),
            auxiliary: true,
            exports: ["sine", "cosine"],
          },
          {
            modules: [limiter],
            text: importingWasm([
              ["env", "sine"],
              ["env", "log"],
            ]),
          },
        ),
      ),
      "two.bin",
    );
    expect(image.units.map(({ auxiliary, firstModule }) => [firstModule, auxiliary])).toEqual([
      [0, true],
      [1, false],
    ]);
    expect(image.units[0]?.exports).toEqual([
      { name: "sine", section: ".text", offset: 0 },
      { name: "cosine", section: ".text", offset: 1 },
    ]);
    expect(image.units[1]?.imports).toEqual(["sine", "log"]);
    expect(image.modules[0]).toMatchObject({
      maxInstances: 0,
      type: { loadType: 3, lowLatency: false },
    });
    // The second begins where the first one's addresses end.
    expect(image.units[1]?.regions[0]?.address).toBe(0xa068a000);
  });

  it("can hold Xtensa code", () => {
    const text = Uint8Array.of(0x36, 0x41, 0x00);
    const file = writeLibrary(
      library({ modules: [limiter], text, code: "xtensa", imports: ["rfree"] }),
    );
    expect(readImage(file, "x.bin").units[0]).toMatchObject({ code: "xtensa", imports: ["rfree"] });
  });
});

describe("a description that makes no library", () => {
  it.each([
    ["no module", library({ modules: [], text: wasmModule() }), "it has no module"],
    ["no unit", library(), "it has no module"],
    [
      "a long name",
      library({ modules: [{ ...limiter, name: "LIMITER_2" }], text: wasmModule() }),
      '"LIMITER_2" is no name for a module or library',
    ],
    [
      "a UUID that is none",
      library({ modules: [{ ...limiter, uuid: "limiter" }], text: wasmModule() }),
      '"limiter" is not a UUID',
    ],
    [
      "code that is no WebAssembly",
      library({ modules: [limiter], text: Uint8Array.of(1, 2, 3) }),
      "no WebAssembly module of version 1",
    ],
  ])("is refused: %s", (_what, description, message) => {
    expect(() => writeLibrary(description)).toThrow(message);
  });
});

describe("writing and reading", () => {
  const bytes = (maxLength: number) => fc.uint8Array({ minLength: 1, maxLength });
  const unit = fc.record(
    {
      moduleCount: fc.integer({ min: 1, max: 4 }),
      rodata: bytes(9000),
      data: bytes(5000),
      bssBytes: fc.integer({ min: 1, max: 20000 }),
      cold: bytes(5000),
      coldRodata: bytes(300),
      exports: fc.uniqueArray(fc.stringMatching(/^[a-z_]{1,12}$/), { maxLength: 4 }),
    },
    { requiredKeys: ["moduleCount"] },
  );

  it("agree on any library", () => {
    fc.assert(
      fc.property(fc.array(unit, { minLength: 1, maxLength: 4 }), (shapes) => {
        let next = 0;
        const units = shapes.map(({ moduleCount, ...sections }): UnitDescription => ({
          ...sections,
          text: wasmModule(),
          modules: Array.from({ length: moduleCount }, () => ({
            name: `M${next}`,
            uuid: uuid(next++),
            maxInstances: 1 + (next % 7),
            configs: [{ ibs: next, obs: next, cpc: next }],
          })),
        }));
        const image = readImage(writeLibrary(library(...units)), "any.bin");
        expect(image.modules.map(({ uuid }) => uuid)).toEqual(
          units.flatMap(({ modules }) => modules.map(({ uuid }) => uuid)),
        );
        for (const [i, shape] of shapes.entries()) {
          const read = image.units[i];
          const section = (name: string) => read?.elf.sections.find((one) => one.name === name);
          expect(section(".text")?.bytes).toEqual(wasmModule());
          expect(section(".rodata")?.bytes).toEqual(shape.rodata);
          expect(section(".data")?.bytes).toEqual(shape.data);
          expect(section(".cold")?.bytes).toEqual(shape.cold);
          expect(section(".bss")?.size).toEqual(shape.bssBytes);
          expect(read?.exports.map(({ name }) => name)).toEqual(shape.exports ?? []);
        }
      }),
      { numRuns: 40, seed: 7 },
    );
  });

  it("agree on which module interface is refused", () => {
    const old = { modules: [limiter], text: wasmModule(), apiVersion: moduleApiVersion(4, 5, 0) };
    expect(() => readImage(writeLibrary(library(old)), "old.bin")).toThrow(
      expect.objectContaining({ check: "api-version" } satisfies Partial<ImageError>),
    );
  });
});
