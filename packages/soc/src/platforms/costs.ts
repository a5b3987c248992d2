import type { OperationCost, PlatformCosts } from "../operation-costs.js";

const published = (cycles: number, source: string): OperationCost => ({
  cycles,
  basis: "published",
  source,
});
const derived = (cycles: number, source: string): OperationCost => ({
  cycles,
  basis: "derived",
  source,
});
const estimated = (cycles: number, source: string): OperationCost => ({
  cycles,
  basis: "estimated",
  source,
});

/**
 * Zephyr's own benchmark of its primitives, as its README prints it. For the HiFi cores of these platforms nobody
 * has published figures; the order of magnitude is the same elsewhere: on an Xtensa LX7 at 240 MHz (ESP32-S3, also
 * v3.5) a switch by yield takes 579 cycles, a semaphore is given in 67 and taken in 41, a mutex locked in 44.
 */
export const ZEPHYR_LATENCY_MEASURE: PlatformCosts = {
  measurement:
    "Zephyr v3.5, tests/benchmarks/latency_measure/README.rst: a 120 MHz Cortex-M, in cycles",
  operations: {
    contextSwitch: published(519, "context switch by k_yield"),
    mutexLock: published(94, "lock a mutex"),
    mutexUnlock: published(24, "unlock a mutex"),
    semTake: published(53, "take a semaphore, no switch"),
    semGive: published(134, "give a semaphore, no waiter"),
    condvar: estimated(134, "as giving a semaphore"),
    eventPost: estimated(134, "as giving a semaphore"),
    eventWait: estimated(53, "as taking a semaphore"),
    queue: estimated(134, "as giving a semaphore"),
    futex: estimated(94, "as locking a mutex"),
    timerStart: estimated(134, "as giving a semaphore"),
    timerStop: estimated(94, "as locking a mutex"),
    workSubmit: estimated(134, "as giving a semaphore"),
    heapAlloc: published(620, "average of k_malloc"),
    heapFree: published(431, "average of k_free"),
    threadCreate: published(396, "create a thread"),
    threadStart: published(603, "start a thread"),
    threadSuspend: published(599, "suspend a thread"),
    threadResume: published(547, "resume a thread"),
    threadAbort: published(339, "abort a thread"),
    threadJoin: estimated(53, "as taking a semaphore"),
    threadPriority: estimated(134, "as giving a semaphore"),
    sleep: estimated(134, "as giving a semaphore"),
    yield: estimated(24, "as unlocking a mutex; the switch comes on top"),
    syscall: derived(
      240,
      "from user mode give, take, lock and unlock take 246, 262, 236 and 231 more",
    ),
    isrEntry: derived(254, "half of 508, the way from a handler back to the interrupted thread"),
    isrExit: derived(254, "the other half"),
    timeout: estimated(53, "as taking a semaphore"),
    ipiLatency: estimated(100, "half of the way into a handler, in round figures"),
    irqLock: estimated(8, "a read, a write and a barrier"),
    permission: estimated(94, "as locking a mutex"),
  },
};
