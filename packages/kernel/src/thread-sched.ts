import { type Cycles, EINVAL } from "@sof-ts/kit";
import { FatalReason, PREVENTED, Slow, ThreadState } from "./constants.js";
import { KernelAssertion } from "./fatal.js";
import { raiseFatal } from "./faults.js";
import type { Kernel } from "./kernel.js";
import { ObjType } from "./object.js";
import { InitRule } from "./permissions.js";
import { ranksBefore } from "./rank.js";
import { reschedule, setPriority } from "./scheduler.js";
import type { Thread } from "./thread.js";
import { resetSlice } from "./time-slice.js";

/** Zephyr's `k_thread_priority_set`. */
export function changePriority(k: Kernel, thread: Thread, priority: number): number {
  const valid = k.validPriority(priority);
  if (k.slow !== 0) {
    k.enter(thread, ObjType.THREAD, InitRule.INIT, "k_thread_priority_set");
    if ((k.slow & Slow.USER) !== 0) {
      const raises = priority < thread.priority && !k.options.userMayRaisePriority;
      if (!valid || raises) {
        const why = valid ? "is better than the thread's own" : "is out of range";
        raiseFatal(k, FatalReason.KERNEL_OOPS, `k_thread_priority_set: ${priority} ${why}`);
      }
    }
  }
  if (!valid)
    raiseFatal(k, FatalReason.KERNEL_PANIC, `k_thread_priority_set: ${priority} is out of range`);
  const before = thread.priority;
  setPriority(k, thread, priority);
  if (priority > before && priority < 0) giveWay(k, thread);
  return reschedule(k, k.costs.threadPriority, 0);
}

/** A cooperative thread that lowers itself below a ready one gives up its CPU as a yield does. */
function giveWay(k: Kernel, thread: Thread): void {
  const cpu = k.cpu;
  if (cpu.current !== thread || thread.schedLocked > 0) return;
  const best = k.ready.best(cpu.bit);
  if (best !== null && ranksBefore(best, thread, k.narrow)) cpu.swapOk = true;
}

/** Zephyr's `k_thread_deadline_set`: `cycles` from now. */
export function setRelativeDeadline(k: Kernel, thread: Thread, cycles: number): number {
  if (k.slow !== 0) {
    k.enter(thread, ObjType.THREAD, InitRule.INIT, "k_thread_deadline_set");
    if ((k.slow & Slow.USER) !== 0 && cycles <= 0) {
      raiseFatal(k, FatalReason.KERNEL_OOPS, `k_thread_deadline_set: ${cycles} is not positive`);
    }
  }
  const most = k.narrow ? 0x7fff_ffff : Number.MAX_SAFE_INTEGER / 2;
  const relative = Math.min(Math.max(cycles, 0), most);
  return applyDeadline(k, thread, k.cpu.time + relative);
}

/** Zephyr's `k_thread_absolute_deadline_set`: may lie in the past. */
export function setAbsoluteDeadline(k: Kernel, thread: Thread, cycle: number): number {
  if (k.slow !== 0) {
    k.enter(thread, ObjType.THREAD, InitRule.INIT, "k_thread_absolute_deadline_set");
  }
  return applyDeadline(k, thread, cycle);
}

function applyDeadline(k: Kernel, thread: Thread, deadline: number): number {
  k.ready.deadlines = true;
  if ((thread.state & ThreadState.QUEUED) !== 0) {
    k.ready.remove(thread);
    thread.deadline = deadline as Cycles;
    k.ready.add(thread);
  } else thread.deadline = deadline as Cycles;
  k.cpu.resched = true;
  return reschedule(k, k.costs.threadPriority, 0);
}

/** Zephyr's `k_thread_time_slice_set`. */
export function setThreadSlice(
  k: Kernel,
  thread: Thread,
  ticks: number,
  callback: ((thread: Thread, data: unknown) => void) | null,
  data: unknown,
): void {
  k.supervisorOnly("k_thread_time_slice_set");
  k.pass(k.costs.threadPriority);
  thread.sliceTicks = ticks;
  thread.sliceCallback = callback;
  thread.sliceData = data;
  k.slicing = true;
  k.plain = false;
  const cpu = thread.cpu;
  if (cpu !== null && cpu.current === thread) resetSlice(k, cpu);
}

/** Zephyr's `k_thread_cpu_mask_*`: only a thread that cannot run at this moment. */
export function changeMask(
  k: Kernel,
  thread: Thread,
  set: number,
  clear: number,
  op: string,
): number {
  k.supervisorOnly(op);
  k.pass(k.costs.threadPriority);
  if ((thread.state & PREVENTED) === 0) return -EINVAL;
  const mask = (thread.cpuMask & ~clear) | set;
  if (k.options.pinOnly && (mask & (mask - 1)) !== 0) {
    throw new KernelAssertion(`${op}: a pinned thread runs on one CPU`);
  }
  thread.cpuMask = mask;
  return 0;
}

/** {@link changeMask} of the bit of one CPU, after `clear`. -EINVAL for a CPU that does not exist. */
export function changeMaskBit(
  k: Kernel,
  thread: Thread,
  cpu: number,
  on: boolean,
  clear: number,
  op: string,
): number {
  k.supervisorOnly(op);
  const bit = k.cpus[cpu]?.bit ?? 0;
  if (bit === 0) return -EINVAL;
  return changeMask(k, thread, on ? bit : 0, on ? clear : bit, op);
}

const stateNames: readonly (readonly [number, string])[] = [
  [ThreadState.DUMMY, "dummy"],
  [ThreadState.PENDING, "pending"],
  [ThreadState.SLEEPING, "sleeping"],
  [ThreadState.PRESTART, "prestart"],
  [ThreadState.DEAD, "dead"],
  [ThreadState.SUSPENDED, "suspended"],
  [ThreadState.ABORTING, "aborting"],
  [ThreadState.SUSPENDING, "suspending"],
  [ThreadState.QUEUED, "queued"],
];

/** Zephyr's `k_thread_state_str`: names of all states that hold, joined by "+". */
export function stateName(state: number): string {
  return stateNames
    .filter(([bit]) => (state & bit) !== 0)
    .map(([, name]) => name)
    .join("+");
}
