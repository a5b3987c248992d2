declare const unit: unique symbol;

type Unit<Name extends string> = number & { readonly [unit]: Name };

/** A span or an instant of virtual time, in cycles of the DSP's core clock. Always an integer. */
export type Cycles = Unit<"cycles">;
/** Virtual time in nanoseconds. */
export type Nanoseconds = Unit<"ns">;
/** One frame is one sample for each channel. */
export type Frames = Unit<"frames">;
/** A size or an offset in bytes. */
export type Bytes = Unit<"bytes">;

/** Brands an integer count of core clock cycles. */
export const cycles = (value: number): Cycles => value as Cycles;
/** Brands a number of nanoseconds. */
export const nanoseconds = (value: number): Nanoseconds => value as Nanoseconds;
/** Brands a number of frames. */
export const frames = (value: number): Frames => value as Frames;
/** Brands a number of bytes. */
export const bytes = (value: number): Bytes => value as Bytes;

/** Later than every instant: the due time of what never happens. */
export const NEVER = Number.POSITIVE_INFINITY as Cycles;
