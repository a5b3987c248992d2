/** Files of more than 400 lines, each with the reason why it is not split. */
export const longFiles: Readonly<Record<string, string>> = {};

/**
 * Relative imports that may leave their package, as `importing file -> imported file`, each with its
 * reason. Applications are closed programs: what a tool shares with one, it takes from its sources.
 */
export const crossings: Readonly<Record<string, string>> = {
  "tools/generate/src/demo-music.ts -> apps/testbench/src/wav/index.ts":
    "the demo's file is written by the codec that will read it",
  "tools/generate/src/generators.test.ts -> apps/testbench/src/wav/index.ts":
    "and read by it in the test",
};
