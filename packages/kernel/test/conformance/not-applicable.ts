import { rows } from "./rows.js";

const extensions =
  "loadable extensions are linked by @sof-ts/lib-manager, on top of this kernel; their rows are tested there";

/** Rows that concern nothing in this package, each with its reason. */
export const notApplicable: ReadonlyMap<string, string> = new Map(
  rows.filter((row) => row.area === "llext").map((row) => [row.id, extensions]),
);
