import { drcElf, DRC_UUID, rawElf, rawModule, rawRela, rawSymbols } from "./hand-made-elf.js";
import { Raw, sealDirectory } from "./raw.js";

/** What the images have in common; `payload` is the offset of the partition directory. */
function commonParts(
  raw: Raw,
  payload: number,
  ace: boolean,
  manifest: {
    readonly imageType: number;
    readonly modules: number;
  },
): void {
  const size = raw.bytes.length - payload;
  // $CPD: three entries, versions 2 and 1, header of 20 bytes, name "ADSP".
  raw
    .text(payload, "$CPD")
    .u32(payload + 4, 3)
    .u8(payload + 8, 2, 1, 20)
    .text(payload + 12, "ADSP");
  const entries = ace
    ? ([
        ["ADSP.man", 0x5c, 0x464],
        // rimage's constants are those of cAVS 2.5: the metadata is said to begin 12 bytes late, the
        // code to end 12 bytes behind the image.
        ["ADSP.met", 0x4c0, 112],
        ["ADSP", 0x540, size - 0x540 + 12],
      ] as const)
    : ([
        ["ADSP.man", 0x5c, 0x464],
        ["cavs0015.met", 0x4c0, 112],
        ["cavs0015", 0x540, size - 0x540],
      ] as const);
  for (const [i, [name, offset, length]] of entries.entries()) {
    const at = payload + 20 + 24 * i;
    raw.text(at, name).u32(at + 12, offset, length);
  }
  sealDirectory(raw, payload);
  // $MN2: 225 words of header, 281 words with what is signed behind it.
  const css = payload + 0x5c;
  raw.u32(css, 4, 225, 0x21000, 0, 0x8086, 0x20250301, 281).text(css + 28, "$MN2");
  raw.u16(css + 36, 2, 13, 0, 1).u32(css + 120, 96, 1);
  raw.bytes.fill(0x5a, css + 128, css + 900);
  // Extensions: signed package, 0x16, 0x11.
  const [packageType, packageBytes] = ace ? [0x23, 108] : [0x0f, 120];
  const info = payload + 0x3e0 + packageBytes;
  const metadata = info + 104;
  raw.u32(payload + 0x3e0, packageType, packageBytes).u32(info, 0x16, 104);
  raw
    .u32(metadata, 0x11, 112, 3)
    .u32(metadata + 88, 0x2000, 0x2000 + size - 0x540 + (ace ? 12 : 0));
  // $AM1 and the entries behind it.
  const header = payload + 0x2000;
  raw
    .text(header, "$AM1")
    .u32(header + 4, 52)
    .text(header + 8, "ADSPFW")
    .u32(header + 16, size / 4096);
  raw.u32(header + 20, manifest.imageType << 1, ace ? 2 : 0xffff).u16(header + 28, 2, 13, 0, 1);
  raw.u32(header + 36, manifest.modules, ace ? 0x100000 : 0, 0, ace ? 0x40000 : 0x30000);
}

/** A module entry of the manifest. */
export function rawEntry(
  raw: Raw,
  payload: number,
  index: number,
  entry: {
    readonly name: string;
    readonly uuid: readonly number[];
    readonly type: number;
    readonly text?: number;
    readonly configs?: readonly [number, number];
    readonly instances?: number;
  },
): void {
  const at = payload + 0x2034 + 116 * index;
  raw
    .text(at, "$AME")
    .text(at + 4, entry.name)
    .put(at + 12, entry.uuid)
    .u32(at + 28, entry.type);
  raw
    .u16(at + 68, ...(entry.configs ?? [0, 0]))
    .u32(at + 72, 1)
    .u16(at + 76, entry.instances ?? 40);
  if (entry.text === undefined) return;
  raw.u32(at + 64, 0x1cc);
  raw.u32(at + 80, 0x1f, 0, entry.text, 0x10127, 0, entry.text, 0x202, 0, 0);
}

/** A UUID that is told from others by its first byte. */
export const someUuid = (first: number): readonly number[] => [first, ...DRC_UUID.slice(1)];

/** drc.llext of SOF 2.13 for Lunar Lake, with zeros for code: one module, one ELF, a payload of 0xe000 bytes. */
export function handMadeLlext(elf: Uint8Array = drcElf()): Uint8Array {
  const payload = 0x6c;
  const raw = new Raw(payload + 0xe000);
  // $AE1: one module, 92 bytes: three schedules would be 12, two pins are 48; 40 + 4 + 48.
  raw.text(0, "$AE1").u32(4, 0x6c).u16(8, 1, 0).u32(12, 1);
  raw.u32(16, 92).put(20, DRC_UUID).u16(36, 2, 5, 0, 0).u32(44, 9, 0).u16(52, 1, 2).u16(56, 48, 1);
  for (const pin of [60, 84]) raw.u32(pin, 1, 0, 0xffff, 0xf, 0xf, 0x1ff);
  commonParts(raw, payload, true, { imageType: 2, modules: 1 });
  rawEntry(raw, payload, 0, {
    name: "DRC",
    uuid: DRC_UUID,
    type: 0x22,
    text: 0x8000,
    configs: [0, 1],
  });
  raw.u32(payload + 0x20a8 + 16, 4096, 1000000, 128, 128);
  return raw.put(payload + 0x8000, elf).bytes;
}

/** A base image for cAVS 2.5: built-in modules, an exact directory, no ELF. */
export function handMadeBaseImage(): Uint8Array {
  const payload = 16 + 2 * 40;
  const raw = new Raw(payload + 0xa000);
  raw.text(0, "$AE1").u32(4, payload).u16(8, 1, 0).u32(12, 2);
  for (const [i, at] of [16, 56].entries()) {
    raw
      .u32(at, 40)
      .put(at + 4, someUuid(1 - i))
      .u16(at + 20, 2, 5, 0, 0)
      .u32(at + 28, 1);
  }
  commonParts(raw, payload, false, { imageType: 1, modules: 2 });
  rawEntry(raw, payload, 0, { name: "BRNGUP", uuid: someUuid(0), type: 0x21, instances: 1 });
  rawEntry(raw, payload, 1, { name: "GAIN", uuid: someUuid(1), type: 0x20, configs: [2, 5] });
  const cpc = [12100, 10183, 8192, 10091, 5908];
  const bytes = [1536, 384, 512, 128, 768];
  for (let i = 0; i < 5; i++) {
    const at = payload + 0x2034 + 2 * 116 + 44 * (2 + i);
    raw.u32(at + 16, 0, 0, bytes[i] as number, bytes[i] as number, 0, cpc[i] as number);
  }
  return raw.bytes;
}

/** An object with these drivers, which offers and needs symbols. */
export function smallElf(
  address: number,
  modules: readonly (readonly [name: string, uuid: readonly number[]])[],
  {
    offers = [],
    needs = [],
  }: { readonly offers?: readonly string[]; readonly needs?: readonly string[] } = {},
): Uint8Array {
  const strings = offers.map((name) => `${name}\0`).join("");
  const at = (page: number) => address + 0x1000 * page;
  const sections = [
    { name: ".text", type: 1, flags: 6, address, size: 0x40 },
    {
      name: ".module",
      type: 1,
      flags: 2,
      address: at(1),
      size: 120 * modules.length,
      fill(raw: Raw, offset: number) {
        for (const [i, [name, uuid]] of modules.entries())
          rawModule(raw, offset + 120 * i, name, uuid);
      },
    },
    {
      name: ".mod_buildinfo",
      type: 1,
      flags: 2,
      address: at(1) + 0x400,
      size: 8,
      fill: (raw: Raw, offset: number) => raw.u32(offset, 0x80000000, 0x00500000),
    },
    {
      name: ".rodata.str1.1",
      type: 1,
      flags: 0x32,
      address: at(1) + 0x500,
      size: strings.length,
      fill: (raw: Raw, offset: number) => raw.text(offset, strings),
    },
    { name: ".exported_sym", type: 1, flags: 2, address: at(1) + 0x800, size: 8 * offers.length },
  ];
  const names = sections.map(({ name }) => name);
  let textAt = 0;
  const pointers = offers.flatMap((name, i) => {
    const pair = [
      [8 * i, 2, 1, textAt],
      [8 * i + 4, 1, 1, 16 * i],
    ] as const;
    textAt += name.length + 1;
    return pair;
  });
  const symbols = [
    { type: 3, section: ".text" },
    { type: 3, section: ".rodata.str1.1" },
    ...needs.map((name) => ({ name, global: true, section: 0 })),
  ];
  const relocations = offers.length > 0 ? [rawRela(".exported_sym", pointers)] : [];
  return rawElf(94, [...sections, ...relocations, ...rawSymbols(symbols, names)]);
}

/**
 * A library as sof-ptl-openmodules.ri is one: auxiliary libraries that others need, an ELF with two drivers,
 * and more modules in the extended manifest than in the manifest.
 */
export function handMadeOpenModules(): Uint8Array {
  const payload = 16 + 6 * 40;
  const raw = new Raw(payload + 0xc000);
  raw.text(0, "$AE1").u32(4, payload).u16(8, 1, 0).u32(12, 6);
  for (let i = 0; i < 6; i++) {
    raw
      .u32(16 + 40 * i, 40)
      .put(20 + 40 * i, someUuid(9 - i))
      .u16(36 + 40 * i, 2, 5, 0, 0);
  }
  commonParts(raw, payload, true, { imageType: 2, modules: 4 });
  const [iir, eqiir, mixin, mixout] = [1, 2, 3, 4].map(someUuid) as [
    readonly number[],
    readonly number[],
    readonly number[],
    readonly number[],
  ];
  rawEntry(raw, payload, 0, { name: "IIR", uuid: iir, type: 3, text: 0x8000, instances: 0 });
  rawEntry(raw, payload, 1, { name: "EQIIR", uuid: eqiir, type: 0x22, text: 0x9000 });
  rawEntry(raw, payload, 2, { name: "MIXIN", uuid: mixin, type: 0x22, text: 0xa000 });
  rawEntry(raw, payload, 3, { name: "MIXOUT", uuid: mixout, type: 0x22, text: 0xa000 });
  const offers = ["iir_df1", "iir_init_coef_df1"];
  raw.put(payload + 0x8000, smallElf(0xa0688000, [["IIR", iir]], { offers }));
  raw.put(
    payload + 0x9000,
    smallElf(0xa0690000, [["EQIIR", eqiir]], { needs: ["iir_df1", "rfree"] }),
  );
  const mixers = [["MIXIN", mixin] as const, ["MIXOUT", mixout] as const];
  return raw.put(payload + 0xa000, smallElf(0xa0698000, mixers)).bytes;
}
