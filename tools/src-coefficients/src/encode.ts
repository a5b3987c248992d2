import { conversionRows, inputRates, liteConversions } from "./conversions.js";
import { quantise } from "./design.js";
import { allFilterSpecs } from "./filters.js";

const WORD_BYTES = 3;

/** The first half of each symmetric prototype, filter by filter, as 24-bit little-endian words. */
function encodeHalves(): Uint8Array {
  const halves = allFilterSpecs.map((spec) => {
    const words = quantise(spec);
    return words.subarray(0, (words.length + 1) >> 1);
  });
  const bytes = new Uint8Array(halves.reduce((sum, half) => sum + half.length, 0) * WORD_BYTES);
  let at = 0;
  for (const word of halves.flatMap((half) => [...half])) {
    bytes[at++] = word & 255;
    bytes[at++] = (word >> 8) & 255;
    bytes[at++] = (word >> 16) & 255;
  }
  return bytes;
}

/** @returns the module of tables that the rate converter's arithmetic is built on */
export function generatedModule(): string {
  const filters = allFilterSpecs.map(
    ({ name, interpolation, decimation, subFilterLength, shift }) =>
      `  ["${name}", ${interpolation}, ${decimation}, ${subFilterLength}, ${shift}],`,
  );
  const rows = Object.entries(conversionRows).map(([to, row]) => `  [${to}, "${row}"],`);
  return [
    "// Made by tools/src-coefficients; do not edit.",
    "",
    "/** Name, interpolation L, decimation M, taps of a sub-filter, shift. */",
    "export const filters: readonly (readonly [string, number, number, number, number])[] = [",
    ...filters,
    "];",
    "",
    "/** Input rates, in the order of the entries of a conversion row. */",
    `export const inputRates: readonly number[] = [${inputRates.join(", ")}];`,
    "",
    "/** Output rate and, for each input rate, stage1+stage2, = for a copy, x for none. */",
    "export const conversionRows: readonly (readonly [number, string])[] = [",
    ...rows,
    "];",
    "",
    "/** Pairs of the small converter: input and output rate, stage1+stage2 or = for a copy. */",
    "export const liteConversions: readonly (readonly [number, number, string])[] = [",
    ...liteConversions.map(
      ({ from, to, stages }) => `  [${from}, ${to}, "${stages.join("+") || "="}"],`,
    ),
    "];",
    "",
    "/** First halves of the symmetric prototypes in the order of `filters`: 24-bit words, base64. */",
    "export const halves =",
    `  "${Buffer.from(encodeHalves()).toString("base64")}";`,
    "",
  ].join("\n");
}
