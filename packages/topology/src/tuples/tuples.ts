import { formatUuid } from "@sof-ts/kit";
import { displayText } from "../container/codec.js";
import type { VendorArray } from "../container/records.js";

/**
 * The tokens of one owner (a widget, a control, a PCM or a link), found by number. Arrays come in any order
 * and split, so nothing is ever found by position; only the order of the occurrences of one token counts.
 *
 * Bool, byte, word and short arrays all hold 32-bit values and the Linux driver takes one for another
 * (`scheduler.dynamic_pipeline` is written as a word and declared as a bool), so this does too.
 */
export class Tuples {
  readonly arrays: readonly VendorArray[];
  private readonly numeric = new Map<number, number[]>();
  private readonly textual = new Map<number, string[]>();
  private readonly counts = new Map<number, number>();

  constructor(arrays: readonly VendorArray[]) {
    this.arrays = arrays;
    for (const array of arrays) {
      for (const { token } of array.elements) {
        this.counts.set(token, (this.counts.get(token) ?? 0) + 1);
      }
      switch (array.type) {
        case "uuid":
          for (const { token, value } of array.elements)
            append(this.textual, token, formatUuid(value));
          break;
        case "string":
          for (const { token, value } of array.elements)
            append(this.textual, token, displayText(value));
          break;
        default:
          for (const { token, value } of array.elements) append(this.numeric, token, value);
      }
    }
  }

  /** The tokens that occur, in the order of their first occurrence. */
  get tokens(): readonly number[] {
    return [...this.counts.keys()];
  }

  /** @returns how often a token occurs, with a value of any kind */
  count(token: number): number {
    return this.counts.get(token) ?? 0;
  }

  has(token: number): boolean {
    return this.counts.has(token);
  }

  /** @returns the value of the first occurrence of a numeric token, undefined when there is none */
  number(token: number): number | undefined {
    return this.numeric.get(token)?.[0];
  }

  /** @returns the value of each occurrence of a numeric token, in file order */
  numbers(token: number): readonly number[] {
    return this.numeric.get(token) ?? [];
  }

  /** @returns the first value of a string token, or of a UUID token as 8-4-4-4-12 text */
  string(token: number): string | undefined {
    return this.textual.get(token)?.[0];
  }

  /** @returns every value of a string or UUID token, in file order */
  strings(token: number): readonly string[] {
    return this.textual.get(token) ?? [];
  }
}

function append<T>(map: Map<number, T[]>, token: number, value: T): void {
  const values = map.get(token);
  if (values === undefined) map.set(token, [value]);
  else values.push(value);
}
