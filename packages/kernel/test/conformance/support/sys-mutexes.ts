/* oxlint-disable vitest/no-standalone-expect -- used inside tests */
import { expect } from "vitest";
import { K_MSEC, SysMutex } from "../../../src/index.js";
import type { Machine } from "./harness.js";

const EAGAIN = 11;

/** `count` sys_mutexes in one page. */
export function sysMutexes(m: Machine, count: number): SysMutex[] {
  return Array.from(
    { length: count },
    (_, i) => new SysMutex(m.kernel, 0x2_0000 + 16 * i, `sys ${i}`),
  );
}

/** Element `index` of a list that has it. */
export function at<T>(list: readonly T[], index: number): T {
  const item = list[index];
  if (item === undefined) throw new Error(`no element ${index}`);
  return item;
}

/** A thread that waits for `lock` at `priority`; with `timedOut` it must time out and leave its mark there. */
export function waiterFor(
  m: Machine,
  lock: SysMutex,
  priority: number,
  timeout: number,
  timedOut?: number[],
): void {
  m.thread(
    `waiter ${priority}`,
    priority,
    function* () {
      const rc = yield* lock.lock(timeout);
      if (timedOut === undefined) {
        expect(rc).toBe(0);
        yield* lock.unlock();
      } else {
        expect(rc).toBe(-EAGAIN);
        timedOut.push(priority);
      }
    },
    { delay: K_MSEC(1) },
  );
}
