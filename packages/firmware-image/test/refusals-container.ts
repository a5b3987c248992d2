import { DRC_UUID } from "./hand-made-elf.js";
import { handMadeLlext, rawEntry, someUuid } from "./hand-made.js";
import { Raw, sealDirectory } from "./raw.js";
import { changed, P, type Refusal } from "./refusal.js";

const crowded = (count: number): Uint8Array => {
  const size = 0xe000;
  const raw = new Raw(P + size).put(0, handMadeLlext().subarray(0, P + 0x2034));
  for (let i = 0; i < count; i++) {
    rawEntry(raw, P, i, { name: `M${i}`, uuid: [i & 255, i >> 8, ...DRC_UUID.slice(2)], type: 0 });
  }
  raw.u32(P + 0x2010, size / 4096).u32(P + 0x2024, count);
  sealDirectory(raw, P);
  return raw.bytes;
};

/** Images whose container or manifest is wrong. */
export const containerRefusals: readonly Refusal[] = [
  [
    "file-size",
    "a file of 16 bytes",
    () => handMadeLlext().slice(0, 16),
    "the file has 16 bytes",
    0,
  ],
  [
    "ext-manifest-magic",
    "a payload alone",
    () => handMadeLlext().slice(P),
    "this is the image that goes to the DSP",
    0,
  ],
  [
    "ext-manifest-magic",
    "some other file",
    () => changed((raw) => raw.text(0, "RIFF")),
    "the file begins with 0x46464952",
    0,
  ],
  [
    "ext-manifest-size",
    "a manifest longer than the file",
    () => changed((raw) => raw.u32(4, 0x10000)),
    "an extended manifest of 65536 bytes leaves no room",
    4,
  ],
  [
    "ext-manifest-size",
    "a file that ends in front of the header",
    () => handMadeLlext().slice(0, P + 0x2000 + 52),
    "leaves no room for the header in 8352",
    4,
  ],
  [
    "header-size",
    "a header longer than the file",
    () => changed((raw) => raw.u32(P + 0x2004, 0xc000)),
    "a header of 49152 bytes in the last 49152",
    P + 0x2004,
  ],
  [
    "module-table",
    "a count of modules that the file cannot hold",
    () => changed((raw) => raw.u32(P + 0x2024, 0xffffffff)),
    "4294967295 modules need 498216206220 bytes",
    P + 0x2024,
  ],
  [
    "module-config-range",
    "configurations behind the file",
    () => changed((raw) => raw.u16(P + 0x2034 + 68, 1100, 20)),
    "DRC has configurations to number 1120, the file has room for 1113",
    P + 0x2034 + 68,
  ],
  [
    "page-count",
    "an image shorter than 38 KiB",
    () => changed((raw) => raw.u32(P + 0x2010, 9)),
    "9 pages are 36864 bytes",
    P + 0x2010,
  ],
  [
    "page-count",
    "an image of 4 GiB",
    () => changed((raw) => raw.u32(P + 0x2010, 0xfffff)),
    "1048575 pages are 4294963200 bytes",
    P + 0x2010,
  ],
  [
    "module-table-end",
    "a manifest longer than the image's pages",
    () =>
      changed(
        (raw) => raw.u32(P + 0x2010, 10).u32(P + 0x2024, 300),
        new Raw(P + 0xe000).put(0, handMadeLlext()).bytes,
      ),
    "the manifest ends at 0xa850, the image at 0xa000",
    P + 0x2024,
  ],
  [
    "ext-manifest",
    "an entry longer than the manifest",
    () => changed((raw) => raw.u32(16, 93)),
    "entry 0 has a length of 93, 92 bytes are left",
    16,
  ],
  [
    "ext-manifest",
    "more modules than fit",
    () => changed((raw) => raw.u32(12, 0x10000000)),
    "268435456 modules do not fit, entry 1 has 0 bytes",
    0x6c,
  ],
  [
    "ext-manifest",
    "fewer modules than fill it",
    () => changed((raw) => raw.u32(12, 0)),
    "92 bytes follow the last of 0 modules",
    16,
  ],
  [
    "ext-manifest",
    "pins that do not fit in their entry",
    () => changed((raw) => raw.u16(54, 0xffff)),
    "entry 0 is too short for its pins",
    16,
  ],
  [
    "ext-manifest",
    "another version",
    () => changed((raw) => raw.u16(8, 2)),
    "version 2.0, not 1.x",
    8,
  ],
  [
    "directory-magic",
    "no directory",
    () => changed((raw) => raw.text(P, "$XXX")),
    '0x58585824 in place of "$CPD"',
    P,
  ],
  [
    "directory-magic",
    "four partitions",
    () => changed((raw) => raw.u32(P + 4, 4)),
    "4 directory entries, not 3",
    P + 4,
  ],
  [
    "directory-magic",
    "another version of the directory",
    () => changed((raw) => raw.u8(P + 8, 1)),
    "directory version 1, entry version 1",
    P + 8,
  ],
  [
    "directory-magic",
    "a longer header",
    () => changed((raw) => raw.u8(P + 10, 24)),
    "header length 24",
    P + 10,
  ],
  [
    "directory-checksum",
    "a changed name",
    () => changed((raw) => raw.text(P + 20, "BDSP")),
    "the directory has 0x",
    P + 16,
  ],
  [
    "directory-range",
    "a partition 13 bytes too long",
    () =>
      changed((raw) => {
        raw.u32(P + 20 + 48 + 16, 0xe000 - 0x540 + 13);
        sealDirectory(raw, P);
      }),
    "partition ADSP ends at 0xe00d, the image at 0xe000",
    P + 68,
  ],
  [
    "css",
    "no CSS header",
    () => changed((raw) => raw.text(P + 0x5c + 28, "$MN1")),
    '"$MN2" is 0x314e4d24, not 0x324e4d24',
    P + 0x5c + 28,
  ],
  [
    "css",
    "a key of another size",
    () => changed((raw) => raw.u32(P + 0x5c + 120, 64)),
    "modulus size in words is 0x40, not 0x60",
    P + 0x5c + 120,
  ],
  [
    "extensions",
    "an extension without length",
    () => changed((raw) => raw.u32(P + 0x44c + 4, 0)),
    "extension 0x16 has a length of 0",
    P + 0x44c,
  ],
  [
    "extensions",
    "an extension that runs into the manifest",
    () => changed((raw) => raw.u32(P + 0x4b4 + 4, 0x2000)),
    "extension 0x11 has a length of 8192",
    P + 0x4b4,
  ],
  [
    "extensions",
    "no signed package",
    () => changed((raw) => raw.u32(P + 0x3e0, 0x99)),
    "0 extensions for the signed package, not 1",
    P + 0x3e0,
  ],
  [
    "extensions",
    "metadata whose base lies behind the image",
    () => changed((raw) => raw.u32(P + 0x4b4 + 88, 0x10000)),
    "the metadata's base 0x10000 lies behind the image",
    P + 0x4b4 + 88,
  ],
  [
    "firmware-header",
    "another identifier",
    () => changed((raw) => raw.text(P + 0x2000, "$AM2")),
    '0x324d4124 with 52 bytes in place of "$AM1"',
    P + 0x2000,
  ],
  [
    "module-count",
    "no module",
    () => changed((raw) => raw.u32(P + 0x2024, 0)),
    "0 modules, an image has 1 to 128",
    P + 0x2024,
  ],
  [
    "module-count",
    "129 modules",
    () => crowded(129),
    "129 modules, an image has 1 to 128",
    P + 0x2024,
  ],
  [
    "module-magic",
    "an entry without identifier",
    () => changed((raw) => raw.u32(P + 0x2034, 0)),
    '0x0 in place of "$AME" of module 0',
    P + 0x2034,
  ],
  [
    "payload-size",
    "a file that was cut off",
    () => handMadeLlext().slice(0, -1),
    "the payload has 57343 bytes, its 14 pages have 57344",
    P + 0x2010,
  ],
  [
    "payload-size",
    "a file with something behind it",
    () => new Raw(P + 0xe001).put(0, handMadeLlext()).bytes,
    "the payload has 57345 bytes",
    P + 0x2010,
  ],
  [
    "segment-range",
    "a segment behind the image",
    () => changed((raw) => raw.u32(P + 0x2034 + 92, 0x70127)),
    "segment 1 of DRC ends at 0xf000, the image at 0xe000",
    P + 0x2034 + 92,
  ],
  [
    "segment-overlap",
    "segments at the same address",
    () =>
      changed((raw) =>
        raw.u32(P + 0x2034 + 80, 0x1001f, 0xa0688000).u32(P + 0x2034 + 96, 0xa0688000),
      ),
    "segments 0 and 1 of DRC overlap at 0xa0688000",
    P + 0x2034 + 96,
  ],
  [
    "duplicate-uuid",
    "two modules with one UUID",
    () =>
      changed((raw) => {
        raw.u32(P + 0x2024, 2);
        rawEntry(raw, P, 1, { name: "DRC2", uuid: DRC_UUID, type: 0x22, text: 0x8000 });
      }),
    "DRC and DRC2 both have UUID b36ee4da-006f-47f9-a06d-fecbe2d8b6ce",
    P + 0x2034 + 116 + 12,
  ],
  [
    "elf-border",
    "an ELF behind the image",
    () => changed((raw) => raw.u32(P + 0x2034 + 88, 0xe000)),
    "the ELF of DRC begins at 0xe000",
    P + 0x2034 + 88,
  ],
  [
    "elf-border",
    "an ELF in the manifest",
    () => changed((raw) => raw.u32(P + 0x2034 + 88, 0x1000)),
    "the ELF of DRC begins at 0x1000",
    P + 0x2034 + 88,
  ],
  [
    "elf-border",
    "modules of one ELF with another between them",
    () =>
      changed((raw) => {
        raw.u32(P + 0x2024, 3);
        rawEntry(raw, P, 1, { name: "B", uuid: someUuid(1), type: 0x22, text: 0xc000 });
        rawEntry(raw, P, 2, { name: "C", uuid: someUuid(2), type: 0x22, text: 0x8000 });
      }),
    "the ELF of C begins at 0x8000",
    P + 0x2034 + 232 + 88,
  ],
];
