import { InvariantError } from "@sof-ts/kit";

/**
 * What software may do with a field:
 * `rw` reads back what was written; `ro` ignores writes; `w1c` is set by hardware and cleared by writing 1;
 * `w1s` is set by writing 1 and cleared by hardware; `w0c` is set by hardware and cleared by writing 0; `wo`
 * reads as 0; `rsvd` reads as 0 and ignores writes.
 *
 * Hardware may change any field but a reserved one, at any time: a `rw` enable bit is cleared by a failure.
 */
export type AccessMode = "rw" | "ro" | "w1c" | "w1s" | "w0c" | "wo" | "rsvd";

/** A contiguous run of bits of a 32-bit register. */
export interface RegisterField {
  readonly name: string;
  /** Lowest bit. */
  readonly shift: number;
  /** Number of bits, 1..32. */
  readonly width: number;
  readonly mode: AccessMode;
  /** Value after reset, right-aligned. */
  readonly reset: number;
}

/** Declares bits `high`..`low` (both included, as data sheets write them) of a register. */
export function field(
  name: string,
  high: number,
  low: number,
  mode: AccessMode,
  reset = 0,
): RegisterField {
  return { name, shift: low, width: high - low + 1, mode, reset };
}

/** Declares bits `high`..`low` as reserved. */
export function reserved(high: number, low = high): RegisterField {
  return field("reserved", high, low, "rsvd");
}

/** Mask of a field in its register, as an unsigned number. */
function fieldMask(part: RegisterField): number {
  return (part.width === 32 ? 0xffff_ffff : ((1 << part.width) - 1) << part.shift) >>> 0;
}

/**
 * A 32-bit register: its place, its fields, and the stored bits. The owner of the register reads and writes
 * {@link value} as hardware does; software goes through a `RegisterFile`.
 */
export class Register {
  readonly name: string;
  /** Byte offset in its register file, a multiple of 4. */
  readonly offset: number;
  readonly fields: readonly RegisterField[];
  readonly resetValue: number;
  /** Stored bits, unsigned. Hardware may change any of them. */
  value: number;
  /** Bits that software can read. */
  readonly readable: number;
  /** Bits that take the written value. */
  readonly writable: number;
  /** Bits that writing 1 clears. */
  readonly clearable: number;
  /** Bits that writing 1 sets. */
  readonly settable: number;
  /** Bits that writing 0 clears. */
  readonly clearedByZero: number;
  /** Bits that are passed to the device but not stored. */
  readonly writeOnly: number;

  /** @throws InvariantError unless every one of the 32 bits is claimed exactly once */
  constructor(name: string, offset: number, fields: readonly RegisterField[]) {
    if (offset < 0 || offset % 4 !== 0) {
      throw new InvariantError(
        `register ${name}: offset 0x${offset.toString(16)} is not a multiple of 4`,
      );
    }
    let claimed = 0;
    let reset = 0;
    const masks = { rw: 0, ro: 0, w1c: 0, w1s: 0, w0c: 0, wo: 0, rsvd: 0 };
    for (const part of fields) {
      if (part.width < 1 || part.shift < 0 || part.shift + part.width > 32) {
        throw new InvariantError(`register ${name}: field ${part.name} lies outside 31..0`);
      }
      const mask = fieldMask(part);
      if ((claimed & mask) !== 0) {
        throw new InvariantError(`register ${name}: field ${part.name} overlaps another field`);
      }
      claimed |= mask;
      masks[part.mode] |= mask;
      reset |= part.width === 32 ? part.reset : (part.reset << part.shift) & mask;
    }
    if (claimed >>> 0 !== 0xffff_ffff) {
      throw new InvariantError(
        `register ${name}: bits 0x${(~claimed >>> 0).toString(16)} are not claimed`,
      );
    }
    this.name = name;
    this.offset = offset;
    this.fields = fields;
    this.resetValue = reset >>> 0;
    this.value = this.resetValue;
    this.readable = ~(masks.wo | masks.rsvd) >>> 0;
    this.writable = masks.rw >>> 0;
    this.clearable = masks.w1c >>> 0;
    this.settable = masks.w1s >>> 0;
    this.clearedByZero = masks.w0c >>> 0;
    this.writeOnly = masks.wo >>> 0;
  }

  /** Applies a write of software to the stored bits. */
  store(written: number): void {
    const cleared = (written & this.clearable) | (~written & this.clearedByZero);
    this.value =
      ((((this.value & ~this.writable) | (written & this.writable)) & ~cleared) |
        (written & this.settable)) >>>
      0;
  }
}
