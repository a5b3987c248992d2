import { UserLlLocking } from "../src/index.js";
import { benchesOf } from "../test/ticking.js";

/** Host time of an LL tick: timer event, interrupt, wake-up, lock, walk, unlock, switch. */
export const benches = benchesOf("user LL", (kernel) => new UserLlLocking(kernel, 1));
