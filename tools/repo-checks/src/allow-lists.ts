/** A conformance suite is the counterpart of one suite of Zephyr, so that the two can be compared. */
const CONFORMANCE = "mirrors one of Zephyr's test suites case by case";
const KERNEL_TESTS = "many short cases that share their set-up";

/** Files of more than 400 lines, each with the reason why it is not split. */
export const longFiles: Readonly<Record<string, string>> = {
  "packages/lib-manager/test/instances.test.ts": "many short cases that share their set-up",
  "packages/kernel/test/conformance/kobject.test.ts": CONFORMANCE,
  "packages/kernel/test/conformance/mutex.test.ts": CONFORMANCE,
  "packages/kernel/test/conformance/sched.test.ts": CONFORMANCE,
  "packages/kernel/test/conformance/thread.test.ts": CONFORMANCE,
  "packages/kernel/test/conformance/userspace.test.ts": CONFORMANCE,
  "packages/kernel/test/costs.test.ts": "a table with one row for each operation and what it costs",
  "packages/kernel/test/machine.test.ts": KERNEL_TESTS,
  "packages/kernel/test/objects.test.ts": KERNEL_TESTS,
  "packages/kernel/test/thread-edges.test.ts": KERNEL_TESTS,
  "packages/kernel/test/threads.test.ts": KERNEL_TESTS,
  "packages/kernel/test/waiting-edges.test.ts": KERNEL_TESTS,
};

/** Third-party packages that the workspace has in several versions, each with the reason. */
export const severalVersions: Readonly<Record<string, string>> = {
  typescript: "the API documentation needs a compiler with an interface in JavaScript",
};

/**
 * Relative imports that may leave their package, as `importing file -> imported file`, each with its
 * reason. Applications are closed programs: what a tool shares with one, it takes from its sources.
 */
export const crossings: Readonly<Record<string, string>> = {
  "tools/generate/src/demo-music.ts -> apps/testbench/src/wav/index.ts":
    "the demo's file is written by the codec that will read it",
  "tools/generate/src/generators.test.ts -> apps/testbench/src/wav/index.ts":
    "and read by it in the test",
  "apps/firmware/test/library.ts -> packages/userspace-proxy/test/generated/limiter.ts":
    "the module that the proxy is tested with comes in a library",
  "apps/firmware/test/linked-libraries.test.ts -> packages/wasm-sandbox/test/generated/clipper.ts":
    "the module that calls a library is the sandbox's",
  "apps/firmware/test/linked-libraries.test.ts -> packages/wasm-sandbox/test/generated/curves.ts":
    "and so is the library that it calls",
  "apps/firmware/test/hostile-modules.test.ts -> packages/wasm-sandbox/test/generated/hostile.ts":
    "what the sandbox withstands, the firmware has to",
  "apps/firmware/test/isolated-pins.test.ts -> packages/wasm-sandbox/test/generated/mid-side.ts":
    "a module of several sources and sinks, bound over IPC",
  "apps/firmware/test/library-bench.ts -> packages/wasm-sandbox/test/generated/clipper.ts":
    "libraries that are refused over IPC have these two in them as well",
  "apps/firmware/test/library-bench.ts -> packages/wasm-sandbox/test/generated/curves.ts":
    "see above",
  "apps/firmware/test/library-loading.test.ts -> packages/firmware-image/test/refusal.ts":
    "every image that the reader refuses, the firmware has to refuse over IPC",
  "apps/firmware/test/library-loading.test.ts -> packages/firmware-image/test/refusals-container.ts":
    "see above",
  "apps/firmware/test/library-loading.test.ts -> packages/firmware-image/test/refusals-elf.ts":
    "see above",
  "packages/explorer/test/conformance.test.ts -> packages/kernel/test/conformance/support/harness.ts":
    "the kernel's rows run in a checked build too",
};
