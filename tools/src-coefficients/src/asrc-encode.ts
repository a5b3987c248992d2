import { quantisePolynomials } from "./asrc-design.js";
import { asrcFilterSpecs } from "./asrc-filters.js";

/** All polynomials: filter by filter, highest power first, the tap of the newest sample first. */
function encodeWords(): Uint8Array {
  const words = asrcFilterSpecs.flatMap((spec) =>
    quantisePolynomials(spec)
      .toReversed()
      .flatMap((row) => [...row]),
  );
  const bytes = new Uint8Array(words.length * 4);
  const view = new DataView(bytes.buffer);
  words.forEach((word, i) => view.setInt32(i * 4, word, true));
  return bytes;
}

/** @returns the module of tables that the asynchronous converter's arithmetic is built on */
export function generatedAsrcModule(): string {
  const rows = asrcFilterSpecs.map(
    ({ from, to, taps, polynomials }) => `  [${from}, ${to}, ${taps}, ${polynomials}],`,
  );
  return [
    "// Made by tools/src-coefficients; do not edit.",
    "",
    "/** Input rate or 0 for any, output rate or 0 for any that is not lower, taps, polynomials. */",
    "export const filters: readonly (readonly [number, number, number, number])[] = [",
    ...rows,
    "];",
    "",
    "/** Q2.30 words, base64: by filter, highest power first, the tap of the newest sample first. */",
    "export const polynomials =",
    `  "${Buffer.from(encodeWords()).toString("base64")}";`,
    "",
  ].join("\n");
}
