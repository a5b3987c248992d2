import { hex } from "../names.js";
import type { Words } from "./word-layout.js";

/** @returns "0x11000005|0x0", as the Linux driver's log shows them */
export const formatWords = ({ primary, extension }: Words): string =>
  `${hex(primary)}|${hex(extension)}`;

/**
 * Reads two words as {@link formatWords} writes them; digits of any case, blanks around.
 *
 * @returns undefined for anything else
 */
export function parseWords(text: string): Words | undefined {
  const found = /^\s*0x([\da-f]{1,8})\|0x([\da-f]{1,8})\s*$/i.exec(text);
  if (found === null) return undefined;
  const [primary, extension] = [found[1], found[2]].map((digits = "") =>
    Number.parseInt(digits, 16),
  );
  return { primary: primary as number, extension: extension as number };
}
