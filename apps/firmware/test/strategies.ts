import type { LockingName } from "../src/index.js";

/** All locking strategies; what must hold with one must hold with each. */
export const strategies: readonly LockingName[] = ["user-ll", "kernel-ll", "component-mutex"];
