import { describe, expect, it } from "vitest";
import { describeImage, readImage, readModuleTable, readPayload } from "@sof-ts/firmware-image";
import { DRC_UNDEFINED } from "./hand-made-elf.js";
import { handMadeBaseImage, handMadeLlext, handMadeOpenModules } from "./hand-made.js";

describe("an image shaped as drc.llext", () => {
  const image = readImage(handMadeLlext(), "drc.llext");

  it("is read with its extended manifest", () => {
    expect(image.base).toBe(0x6c);
    expect(image.payload.length).toBe(0xe000);
    expect(image.extManifest).toMatchObject({ length: 0x6c, version: [1, 0] });
    const [drc] = image.extManifest?.modules ?? [];
    expect(drc).toMatchObject({
      uuid: "b36ee4da-006f-47f9-a06d-fecbe2d8b6ce",
      version: [2, 5, 0, 0],
      moduleType: 9,
      schedules: [{ frameLength: 48, multiples: 1 }],
    });
    expect(drc?.pins).toHaveLength(2);
  });

  it("is read although its directory runs 12 bytes over and names the metadata 12 bytes late", () => {
    expect(image.directory.partitions).toEqual([
      { name: "ADSP.man", offset: 0x5c, length: 0x464 },
      { name: "ADSP.met", offset: 0x4c0, length: 112 },
      { name: "ADSP", offset: 0x540, length: 0xdacc },
    ]);
    expect(image.extensions.all).toEqual([
      { type: 0x23, offset: 0x3e0, length: 108 },
      { type: 0x16, offset: 0x44c, length: 104 },
      { type: 0x11, offset: 0x4b4, length: 112 },
    ]);
    expect(image.extensions.metadata).toMatchObject({
      imrType: 3,
      baseOffset: 0x2000,
      limitOffset: 0xfacc,
    });
  });

  it("is read with its manifest", () => {
    expect(image.header).toMatchObject({
      name: "ADSPFW",
      preloadPages: 14,
      imageType: 2,
      featureMask: 2,
      version: { major: 2, minor: 13, hotfix: 0, build: 1 },
      compatibility: 0x100000,
      loadOffset: 0x40000,
    });
    expect(image.css).toMatchObject({ vendor: 0x8086, date: 0x20250301, version: [2, 13, 0, 1] });
    const [drc] = image.modules;
    expect(drc).toMatchObject({
      name: "DRC",
      uuid: "b36ee4da-006f-47f9-a06d-fecbe2d8b6ce",
      entryPoint: 0x1cc,
      maxInstances: 40,
      type: { loadType: 2, lowLatency: true, dataProcessing: false, initConfig: 0 },
    });
    expect(drc?.segments.map(({ type, pages, fileOffset }) => [type, pages, fileOffset])).toEqual([
      [0, 0, 0x8000],
      [1, 1, 0x8000],
      [2, 0, 0],
    ]);
    expect(image.configs).toMatchObject([
      { instanceBytes: 4096, cps: 1000000, ibs: 128, obs: 128, cpc: 0 },
    ]);
  });

  it("is read with its ELF, whose cold sections stay apart", () => {
    const [unit] = image.units;
    expect(image.units).toHaveLength(1);
    expect(unit).toMatchObject({ code: "xtensa", auxiliary: false, apiVersion: 0x00500000 });
    // The null section and .shstrtab included.
    expect(unit?.elf.sections).toHaveLength(21);
    expect(unit?.imports).toEqual(DRC_UNDEFINED);
    expect(
      unit?.regions.map(({ kind, address, size, detached }) => ({ kind, address, size, detached })),
    ).toEqual([
      { kind: "text", address: 0xa0688000, size: 0x3000, detached: false },
      { kind: "cold", address: 0, size: 0x1000, detached: true },
      { kind: "rodata", address: 0xa068b000, size: 0x1000, detached: false },
    ]);
    expect(unit?.elf.length).toBeLessThan(0x6000);
  });

  it("is read as the DSP gets it, without the extended manifest", () => {
    const alone = readPayload(handMadeLlext().subarray(0x6c), "block");
    expect(alone.extManifest).toBeNull();
    expect(alone.modules).toEqual(image.modules);
  });

  it("is listed for people", () => {
    expect(describeImage(image)).toEqual([
      "library ADSPFW 2.13.0.1, 56 KiB, 1 modules",
      "  0 DRC      b36ee4da-006f-47f9-a06d-fecbe2d8b6ce ELF, LL, at most 40 instances",
      "    ibs 128, obs 128: 0 cycles",
      expect.stringMatching(/^ {2}ELF of DRC at 0x806c: xtensa, interface 5\.0\.0, \d+ bytes$/),
      "    text 0xa0688000, 12 KiB: .text",
      "    cold 0x0, 4 KiB: .cold.literal .cold",
      "    rodata 0xa068b000, 4 KiB: .module .mod_buildinfo .rodata .rodata.str1.1",
      expect.stringMatching(/^ {4}needs comp_data_blob_handler_new_ext, .*log_const_drc$/),
    ]);
  });
});

describe("a base image for cAVS 2.5", () => {
  const image = readImage(handMadeBaseImage(), "sof-tgl.ri");

  it("is read without ELFs, its configurations out of the middle of the table", () => {
    expect(image.units).toEqual([]);
    expect(image.header).toMatchObject({ imageType: 1, featureMask: 0xffff, loadOffset: 0x30000 });
    expect(image.configs).toHaveLength(7);
    expect(image.modules.map(({ name }) => name)).toEqual(["BRNGUP", "GAIN"]);
  });

  it("has another signed package and an exact directory", () => {
    expect(image.extensions.all.map(({ type, offset }) => [type, offset])).toEqual([
      [0x0f, 0x3e0],
      [0x16, 0x458],
      [0x11, 0x4c0],
    ]);
    expect(image.directory.partitions[2]).toEqual({
      name: "cavs0015",
      offset: 0x540,
      length: 0x9ac0,
    });
  });

  it("gives the host its modules by the checks of its loader alone", () => {
    const damaged = handMadeBaseImage();
    damaged.fill(0xff, 96, 96 + 92); // the host does not look at the directory
    const table = readModuleTable(damaged, "sof-tgl.ri");
    expect(table.payloadOffset).toBe(96);
    expect(table.modules.map(({ uuid }) => uuid.slice(0, 8))).toEqual(["b36ee400", "b36ee401"]);
  });
});

describe("a library shaped as sof-ptl-openmodules.ri", () => {
  const image = readImage(handMadeOpenModules(), "sof-ptl-openmodules.ri");

  it("is read although its extended manifest lists more modules, in another order", () => {
    expect(image.extManifest?.modules).toHaveLength(6);
    expect(image.modules).toHaveLength(4);
  });

  it("has an ELF for each file offset, two drivers in one of them", () => {
    expect(
      image.units.map(({ firstModule, modules, auxiliary }) => [
        firstModule,
        modules.map(({ name }) => name),
        auxiliary,
      ]),
    ).toEqual([
      [0, ["IIR"], true],
      [1, ["EQIIR"], false],
      [2, ["MIXIN", "MIXOUT"], false],
    ]);
    expect(image.units.map(({ elf }) => elf.bytes.length)).toEqual([0x1000, 0x1000, 0x2000]);
  });

  it("says what each ELF offers and needs", () => {
    expect(image.units.map(({ exports }) => exports)).toEqual([
      [
        { name: "iir_df1", section: ".text", offset: 0 },
        { name: "iir_init_coef_df1", section: ".text", offset: 16 },
      ],
      [],
      [],
    ]);
    expect(image.units[1]?.imports).toEqual(["iir_df1", "rfree"]);
  });
});
