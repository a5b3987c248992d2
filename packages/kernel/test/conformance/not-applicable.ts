import { rows } from "./rows.js";

const extensions =
  "of Zephyr's LLEXT loader, which the kernel does not contain: @sof-ts/lib-manager, a higher layer, places and links the units of libraries, and the model does not execute their machine code";

/** Rows that concern nothing in this package, each with its reason. */
export const notApplicable: ReadonlyMap<string, string> = new Map(
  rows.filter((row) => row.area === "llext").map((row) => [row.id, extensions]),
);
