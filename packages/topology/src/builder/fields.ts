import { InputError } from "@sof-ts/kit";
import { NAME_BYTES } from "../abi.js";
import { rawText } from "../container/codec.js";
import type { Tuple, VendorArray } from "../container/records.js";

/** Says what is wrong in a description that a topology is to be built from. */
export function buildError(reason: string, remedy: string): InputError {
  return new InputError(reason, { source: "topology builder", remedy });
}

/**
 * Makes the raw form of a name.
 *
 * @throws InputError for a name that leaves no room for its terminating NUL
 */
export function nameField(name: string, what: string): string {
  const raw = rawText(name);
  if (raw.length >= NAME_BYTES) {
    throw buildError(
      `${what} "${name}" has ${raw.length} bytes`,
      `Use at most ${NAME_BYTES - 1} bytes`,
    );
  }
  return raw;
}

/** A token and its value; left out of the array when the value is undefined. */
export type Pair = readonly [token: number, value: number | undefined];

function elements(pairs: readonly Pair[]): Tuple<number>[] {
  return pairs.flatMap(([token, value]) => (value === undefined ? [] : [{ token, value }]));
}

/** A word array of those pairs that have a value; no array when none has. */
export function words(...pairs: readonly Pair[]): VendorArray[] {
  return numeric("word", pairs);
}

export function bools(...pairs: readonly Pair[]): VendorArray[] {
  return numeric("bool", pairs);
}

export function shorts(...pairs: readonly Pair[]): VendorArray[] {
  return numeric("short", pairs);
}

function numeric(type: "word" | "bool" | "short", pairs: readonly Pair[]): VendorArray[] {
  const list = elements(pairs);
  return list.length === 0 ? [] : [{ type, elements: list }];
}

/** A string array of one token; no array when the value is undefined. */
export function string(token: number, value: string | undefined, what: string): VendorArray[] {
  if (value === undefined) return [];
  return [{ type: "string", elements: [{ token, value: nameField(value, what) }] }];
}

/** A flag's value as a token has it. */
export function flag(value: boolean | undefined): number | undefined {
  return value === undefined ? undefined : value ? 1 : 0;
}

/** A range given as one value or as both ends. */
export type RangeOption = number | readonly [min: number, max: number];

/** @returns both ends of a range */
export function rangeOf(range: RangeOption): readonly [min: number, max: number] {
  return typeof range === "number" ? [range, range] : range;
}
