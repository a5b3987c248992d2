import { assert } from "@sof-ts/kit";

/** The two words of an IPC4 message, each an unsigned 32-bit integer. */
export interface Words {
  readonly primary: number;
  readonly extension: number;
}

/** A field in one of the two words. */
export interface WordField<T, W extends "primary" | "extension" = "primary" | "extension"> {
  readonly word: W;
  readonly lo: number;
  readonly width: number;
  readonly boolean: boolean;
  /** Never set; carries the type of the value. */
  readonly value?: T;
}

/** Bits `lo`..`lo + width - 1` of the primary word. */
export const primary = (lo: number, width: number): WordField<number, "primary"> => ({
  word: "primary",
  lo,
  width,
  boolean: false,
});

/** Bits `lo`..`lo + width - 1` of the extension word. */
export const extension = (lo: number, width: number): WordField<number, "extension"> => ({
  word: "extension",
  lo,
  width,
  boolean: false,
});

/** One bit of the primary word, a boolean in the value. */
export const primaryFlag = (bit: number): WordField<boolean, "primary"> => ({
  word: "primary",
  lo: bit,
  width: 1,
  boolean: true,
});

/** One bit of the extension word, a boolean in the value. */
export const extensionFlag = (bit: number): WordField<boolean, "extension"> => ({
  word: "extension",
  lo: bit,
  width: 1,
  boolean: true,
});

export type WordFields = Readonly<Record<string, WordField<number | boolean>>>;

/** Bits that a message does not define. They are kept, so that words survive decode and encode. */
export interface UndefinedBits {
  /** Bits of the primary word, in place; absent when all are zero. Bit 31 is the doorbell's busy bit. */
  readonly reservedPrimary?: number | undefined;
  /** Bits of the extension word, in place; absent when all are zero. */
  readonly reservedExtension?: number | undefined;
}

type FieldValue<F> = F extends { readonly boolean: boolean; readonly value?: infer T }
  ? Exclude<T, undefined>
  : never;

/** The value that a layout reads and writes. */
export type WordValue<Kind extends string, F extends WordFields> = {
  readonly kind: Kind;
} & {
  readonly [K in keyof F]: FieldValue<F[K]>;
} & UndefinedBits extends infer All
  ? { readonly [K in keyof All]: All[K] }
  : never;

/** Reads and writes the words of one kind of message. */
export interface WordLayout<Kind extends string, F extends WordFields> {
  readonly kind: Kind;
  readonly fields: F;
  /** Takes the words apart. Total: the caller has matched the fixed bits. */
  decode(words: Words): WordValue<Kind, F>;
  /** Puts the words together; a value that does not fit its field is a mistake of ours (assertion). */
  encode(value: WordValue<Kind, F>): Words;
}

const maskOf = (lo: number, width: number): number => (2 ** width - 1) * 2 ** lo;
const andNot = (word: number, mask: number): number => (word & ~mask) >>> 0;

/**
 * Describes one kind of message by a table, checked when the module loads: fields lie in their word and
 * overlap neither each other nor the bits that say which message it is.
 *
 * @param fixedPrimary the bits that say which message it is
 * @param fixedMask where these bits are in the primary word
 */
export function wordLayout<const Kind extends string, const F extends WordFields>(
  kind: Kind,
  fixedPrimary: number,
  fixedMask: number,
  fields: F,
): WordLayout<Kind, F> {
  const entries = Object.entries(fields);
  const claimed = { primary: fixedMask >>> 0, extension: 0 };
  for (const [name, { word, lo, width }] of entries) {
    assert(lo >= 0 && width >= 1 && lo + width <= 32, `${kind}.${name}: outside of its word`);
    const mask = maskOf(lo, width);
    assert((claimed[word] & mask) === 0, `${kind}.${name}: overlaps another field`);
    claimed[word] = (claimed[word] | mask) >>> 0;
  }

  return {
    kind,
    fields,
    decode(words) {
      const value: Record<string, unknown> = { kind };
      for (const [name, { word, lo, width, boolean }] of entries) {
        const bits = (words[word] >>> lo) % 2 ** width;
        value[name] = boolean ? bits === 1 : bits;
      }
      const reservedPrimary = andNot(words.primary, claimed.primary);
      const reservedExtension = andNot(words.extension, claimed.extension);
      if (reservedPrimary !== 0) value["reservedPrimary"] = reservedPrimary;
      if (reservedExtension !== 0) value["reservedExtension"] = reservedExtension;
      return value as WordValue<Kind, F>;
    },
    encode(value) {
      const properties = value as Readonly<Record<string, unknown>> & UndefinedBits;
      const words = {
        primary: (fixedPrimary | (properties.reservedPrimary ?? 0)) >>> 0,
        extension: properties.reservedExtension ?? 0,
      };
      const defined =
        ((properties.reservedPrimary ?? 0) & claimed.primary) |
        ((properties.reservedExtension ?? 0) & claimed.extension);
      assert(defined === 0, `${kind}: reserved bits that belong to a field`);
      for (const [name, { word, lo, width, boolean }] of entries) {
        const given = properties[name];
        const bits = boolean ? Number(given) : given;
        const fits =
          (!boolean || typeof given === "boolean") &&
          Number.isInteger(bits) &&
          (bits as number) >= 0 &&
          (bits as number) < 2 ** width;
        if (!fits) assert(false, `${kind}.${name}: ${String(given)} does not fit ${width} bits`);
        words[word] = (words[word] | ((bits as number) << lo)) >>> 0;
      }
      return words;
    },
  };
}
