import { SECTION_WORDS } from "@sof-ts/dsp";

const SHIFT_WORD = 5;
/** Fraction bits of a section's output gain. */
const GAIN_BITS = 14;
const MAX_SHIFT = 62;

/**
 * Tells whether the output stage of every section of a list can be run: gain and shift together have to
 * shift right, by less than a 64-bit word.
 */
export function runnable(sections: Int32Array): boolean {
  for (let at = SHIFT_WORD; at < sections.length; at += SECTION_WORDS) {
    const shift = GAIN_BITS + (sections[at] as number);
    if (shift < 1 || shift > MAX_SHIFT) return false;
  }
  return true;
}
