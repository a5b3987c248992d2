import type { Random } from "@sof-ts/kit";
import { SECTION_HEADER_BYTES } from "./elf/constants.js";
import { type FirmwareImage, readImage } from "./image.js";
import { Offset, PAGE_BYTES, Size } from "./layout.js";
import { sealPartitionDirectory } from "./partition-directory.js";
import { type ImageSigner, signPayload } from "./signature.js";
import { METADATA_OFFSET, writeMetadata } from "./extensions.js";

/** A number in an image that a mutation may change. */
interface Field {
  readonly name: string;
  readonly offset: number;
  readonly bytes: 2 | 4;
}

/** A hostile image and how it came about. */
export interface Mutant {
  readonly bytes: Uint8Array;
  /** The changes, in order. */
  readonly changes: readonly string[];
}

const values = [0, 1, 2, 3, 4, 7, 8, 0x20, 0x7f, 0x80, 0xff, 0x1000, 0x7fff, 0x8000, 0xffff];
const bigValues = [0x10_0000, 0x7fff_ffff, 0x8000_0000, 0xa068_8000, 0xffff_f000, 0xffff_ffff];

/**
 * Makes hostile images out of a valid one, for fuzzers: it knows where the counts, offsets and names are,
 * and repairs checksum, page count and signature often enough that mutants get past them.
 */
export class ImageMutator {
  private readonly file: Uint8Array;
  private readonly image: FirmwareImage;
  /** By what they belong to, so that a thousand relocations do not drown ten header words. */
  private readonly fields: readonly (readonly Field[])[];
  private readonly signer: ImageSigner | null;

  /**
   * @param file a valid image
   * @param signer signs some of the mutants again, so that what is behind the signature is reached
   * @throws ImageError when `file` is not valid
   */
  constructor(file: Uint8Array, signer: ImageSigner | null = null) {
    this.file = file;
    this.image = readImage(file, "original");
    const fields = imageFields(file, this.image);
    const names = [...new Set(fields.map(({ name }) => name))];
    this.fields = names.map((name) => fields.filter((field) => field.name === name));
    this.signer = signer;
  }

  /** The next mutant that `random` leads to. */
  next(random: Random): Mutant {
    const changes: string[] = [];
    let bytes: Uint8Array = this.file.slice();
    const count = random.below(8) === 0 ? random.between(2, 6) : 1;
    for (let i = 0; i < count; i++) bytes = this.change(bytes, random, changes);
    if (random.below(4) !== 0) this.repair(bytes, random, changes);
    return { bytes, changes };
  }

  private change(bytes: Uint8Array, random: Random, changes: string[]): Uint8Array {
    if (bytes.length < 8) return bytes;
    const at = random.below(bytes.length);
    switch (random.below(10)) {
      case 0:
        changes.push(`cut off at ${at}`);
        return bytes.slice(0, at);
      case 1: {
        const longer = new Uint8Array(bytes.length + random.between(1, 2 * PAGE_BYTES));
        longer.set(bytes);
        changes.push(`extended to ${longer.length}`);
        return longer;
      }
      case 2:
        flipBits(bytes, random, changes);
        return bytes;
      case 3: {
        const length = random.between(1, Math.min(64, bytes.length - at));
        bytes.fill(random.pick([0, 0xff]), at, at + length);
        changes.push(`${length} equal bytes at ${at}`);
        return bytes;
      }
      case 4: {
        const from = random.below(bytes.length);
        bytes.copyWithin(at, from, from + random.between(1, 256));
        changes.push(`copied from ${from} to ${at}`);
        return bytes;
      }
      default:
        return this.changeField(bytes, random, changes);
    }
  }

  private changeField(bytes: Uint8Array, random: Random, changes: string[]): Uint8Array {
    const field = random.pick(random.pick(this.fields));
    if (field.offset + field.bytes > bytes.length) return bytes;
    const view = new DataView(bytes.buffer);
    const old =
      field.bytes === 4 ? view.getUint32(field.offset, true) : view.getUint16(field.offset, true);
    const candidates = [
      old + 1,
      old - 1,
      old * 2,
      random.u32(),
      bytes.length,
      bytes.length - field.offset,
      random.pick(values),
      random.pick(bigValues),
      otherField(view, random.pick(random.pick(this.fields))),
    ];
    const value = random.pick(candidates);
    if (field.bytes === 4) view.setUint32(field.offset, value, true);
    else view.setUint16(field.offset, value, true);
    changes.push(`${field.name} at ${field.offset} from ${old} to ${value >>> 0}`);
    return bytes;
  }

  /** Makes checksum, page count and sometimes the signature right again. */
  private repair(bytes: Uint8Array, random: Random, changes: string[]): void {
    const payload = bytes.subarray(this.image.base);
    if (payload.length < Offset.MODULES) return;
    const view = new DataView(payload.buffer, payload.byteOffset, payload.byteLength);
    if (random.below(4) === 0) {
      view.setUint32(Offset.FIRMWARE_HEADER + 16, Math.floor(payload.length / PAGE_BYTES), true);
      changes.push("page count repaired");
    }
    sealPartitionDirectory(payload);
    changes.push("checksum repaired");
    const { signer } = this;
    if (signer === null || random.below(2) === 0) return;
    const digest = signer.sha384(payload.subarray(Offset.FIRMWARE_HEADER));
    const metadata = writeMetadata(digest, payload.length);
    payload.set(metadata, METADATA_OFFSET);
    const { signedPackage } = this.image.extensions;
    const end = signedPackage.offset + signedPackage.length;
    payload.set(signer.sha384(metadata), end - Size.DIGEST);
    signPayload(payload, signer);
    changes.push("signed again");
  }
}

function otherField(view: DataView, { offset, bytes }: Field): number {
  if (offset + bytes > view.byteLength) return 0;
  return bytes === 4 ? view.getUint32(offset, true) : view.getUint16(offset, true);
}

function flipBits(bytes: Uint8Array, random: Random, changes: string[]): void {
  for (let i = random.between(1, 8); i > 0; i--) {
    const at = random.below(bytes.length);
    bytes[at] = (bytes[at] as number) ^ (1 << random.below(8));
    changes.push(`bit of byte ${at}`);
  }
}

/** Every count, length, offset, identifier and flag word of an image. */
function imageFields(file: Uint8Array, image: FirmwareImage): readonly Field[] {
  const fields: Field[] = [];
  const words = (name: string, start: number, end: number) => {
    for (let offset = start; offset < end; offset += 4) fields.push({ name, offset, bytes: 4 });
  };
  const { base } = image;
  words("extended manifest", 0, Math.min(base, 16 + Size.EXT_MODULE));
  words("directory", base, base + Offset.CSS);
  words("CSS header", base + Offset.CSS, base + Offset.CSS + 128);
  for (const { offset } of image.extensions.all)
    words("extension", base + offset, base + offset + 8);
  const header = base + Offset.FIRMWARE_HEADER;
  words("firmware header", header, header + Size.FIRMWARE_HEADER);
  for (let index = 0; index < image.modules.length; index++) {
    const at = base + Offset.MODULES + index * Size.MODULE;
    words("module entry", at, at + Size.MODULE);
    for (const part of [68, 70, 76, 78])
      fields.push({ name: "module entry", offset: at + part, bytes: 2 });
  }
  for (const unit of image.units) addElfFields(unit.elf.base, file, words);
  return fields;
}

function addElfFields(
  base: number,
  file: Uint8Array,
  words: (name: string, start: number, end: number) => void,
): void {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  words("ELF header", base, base + 52);
  const table = base + view.getUint32(base + 32, true);
  const count = view.getUint16(base + 48, true);
  for (let index = 0; index < count; index++) {
    const header = table + index * SECTION_HEADER_BYTES;
    words("section header", header, header + SECTION_HEADER_BYTES);
    const type = view.getUint32(header + 4, true);
    const offset = base + view.getUint32(header + 16, true);
    const size = view.getUint32(header + 20, true);
    // Symbols and relocations; of other sections the first words, where manifests and tables begin.
    const tabular = type === 2 || type === 4;
    if (type !== 8)
      words("section contents", offset, offset + (tabular ? size : Math.min(size & ~3, 128)));
  }
}
