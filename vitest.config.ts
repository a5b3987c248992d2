import { defineConfig } from "vitest/config";

// Tests run on sources: the "@sof-ts/source" export condition points each package at its src/.
export default defineConfig({
  ssr: { resolve: { conditions: ["@sof-ts/source", "node", "import", "default"] } },
  test: {
    include: ["{packages,apps,tools}/*/{src,test}/**/*.test.ts"],
    testTimeout: 60_000,
  },
});
