/**
 * The kernel's conformance rows under all checkers: a checked build keeps every behaviour, return value and
 * order that the RTOS's own tests assert.
 */
import { onlyIn } from "../../kernel/test/conformance/support/harness.js";
import { Checks } from "../src/index.js";

/** The part of Vite's own module interface that is used here. */
interface ViteMeta {
  glob(
    patterns: readonly string[],
    options: { query: string },
  ): Record<string, () => Promise<unknown>>;
}
type Meta = ImportMeta & ViteMeta;

// Modules of their own, besides those of the kernel's own run of them: importing one registers its rows.
const files = (import.meta as Meta).glob(
  ["../../kernel/test/conformance/*.test.ts", "!**/complete.test.ts"],
  { query: "?checked" },
);

await onlyIn(
  {
    name: "checked",
    trace: null,
    checker: null,
    listen: () => new Checks({ starvationCycles: 1e9 }),
  },
  async () => {
    for (const load of Object.values(files)) await load();
  },
);
