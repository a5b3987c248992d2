import { assert, InvariantError } from "@sof-ts/kit";

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
  const bits = Object.entries(fields).map(([name, { word, lo, width, boolean }]): WordBits => ({
    name,
    inPrimary: word === "primary",
    lo,
    width,
    limit: 2 ** width,
    boolean,
  }));
  const claimed = claimBits(kind, bits, fixedMask);

  return {
    kind,
    fields,
    decode(words) {
      const value: Record<string, unknown> = { kind };
      for (let i = 0; i < bits.length; i++) {
        const { name, inPrimary, lo, limit, boolean } = bits[i] as WordBits;
        const found = ((inPrimary ? words.primary : words.extension) >>> lo) % limit;
        value[name] = boolean ? found === 1 : found;
      }
      const reservedPrimary = (words.primary & ~claimed.primary) >>> 0;
      const reservedExtension = (words.extension & ~claimed.extension) >>> 0;
      if (reservedPrimary !== 0) value["reservedPrimary"] = reservedPrimary;
      if (reservedExtension !== 0) value["reservedExtension"] = reservedExtension;
      return value as WordValue<Kind, F>;
    },
    encode(value) {
      const properties = value as Readonly<Record<string, unknown>> & UndefinedBits;
      const { reservedPrimary = 0, reservedExtension = 0 } = properties;
      const defined = (reservedPrimary & claimed.primary) | (reservedExtension & claimed.extension);
      if (defined !== 0) assert(false, `${kind}: reserved bits that belong to a field`);
      let primaryWord = fixedPrimary | reservedPrimary;
      let extensionWord = reservedExtension;
      for (let i = 0; i < bits.length; i++) {
        const field = bits[i] as WordBits;
        const given = properties[field.name];
        if (typeof given !== (field.boolean ? "boolean" : "number")) refuse(kind, field, given);
        const number = Number(given);
        if (!(number >= 0 && number < field.limit && number % 1 === 0)) refuse(kind, field, given);
        if (field.inPrimary) primaryWord |= number << field.lo;
        else extensionWord |= number << field.lo;
      }
      return { primary: primaryWord >>> 0, extension: extensionWord >>> 0 };
    },
  };
}

/** A field, ready for the loops of decode and encode. */
interface WordBits {
  readonly name: string;
  readonly inPrimary: boolean;
  readonly lo: number;
  readonly width: number;
  readonly limit: number;
  readonly boolean: boolean;
}

/** Checks the table. @returns the bits of each word that mean something */
function claimBits(kind: string, bits: readonly WordBits[], fixedMask: number): Words {
  let primaryMask = fixedMask >>> 0;
  let extensionMask = 0;
  for (const { name, inPrimary, lo, width, limit } of bits) {
    assert(lo >= 0 && width >= 1 && lo + width <= 32, `${kind}.${name}: outside of its word`);
    const mask = (limit - 1) * 2 ** lo;
    const taken = inPrimary ? primaryMask : extensionMask;
    assert((taken & mask) === 0, `${kind}.${name}: overlaps another field`);
    if (inPrimary) primaryMask = (primaryMask | mask) >>> 0;
    else extensionMask = (extensionMask | mask) >>> 0;
  }
  return { primary: primaryMask, extension: extensionMask };
}

function refuse(kind: string, { name, width }: WordBits, given: unknown): never {
  throw new InvariantError(`${kind}.${name}: ${String(given)} does not fit ${width} bits`);
}
