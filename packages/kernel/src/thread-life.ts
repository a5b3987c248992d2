import { type Cycles, EAGAIN, EBUSY, EDEADLK } from "@sof-ts/kit";
import {
  Attention,
  FatalReason,
  K_FOREVER,
  K_TICKS_FOREVER,
  Slow,
  ThreadState,
} from "./constants.js";
import type { Cpu } from "./cpu.js";
import { KernelAssertion, KILLED } from "./fatal.js";
import { raiseFatal } from "./faults.js";
import type { Kernel } from "./kernel.js";
import { moveToEnd } from "./move-to-end.js";
import { ObjFlag, ObjType } from "./object.js";
import { InitRule } from "./permissions.js";
import {
  pendCurrent,
  ready,
  reschedule,
  swapOut,
  switchMasked,
  unpend,
  unready,
  wake,
} from "./scheduler.js";
import { forgetThread } from "./thread-ids.js";
import type { Continuation, Thread } from "./thread.js";

/** Zephyr's `k_thread_start`: no effect on a thread that was started before. */
export function startThread(k: Kernel, thread: Thread): number {
  if (k.slow !== 0) k.enter(thread, ObjType.THREAD, InitRule.INIT, "k_thread_start");
  if (k.options.newThreadState === "sleeping") {
    if ((thread.state & ThreadState.SLEEPING) === 0) return k.leave(k.costs.threadStart, 0);
  } else if ((thread.state & ThreadState.PRESTART) === 0) return k.leave(k.costs.threadStart, 0);
  if (thread.timeout.slot >= 0) k.clock.stop(thread.timeout);
  thread.state &= ~(ThreadState.SLEEPING | ThreadState.PRESTART);
  if (k.checker !== null) k.checker.threadStart(k.current, thread);
  ready(k, thread);
  return reschedule(k, k.costs.threadStart, 0);
}

/** Zephyr's `k_wakeup`: ends a sleep or a start delay; a thread that waits on an object stays there. */
export function wakeThread(k: Kernel, thread: Thread): number {
  if (k.slow !== 0) k.enter(thread, ObjType.THREAD, InitRule.INIT, "k_wakeup");
  const delayed = (thread.state & ThreadState.PRESTART) !== 0 && thread.timeout.slot >= 0;
  if ((thread.state & ThreadState.SLEEPING) === 0 && !delayed)
    return k.leave(k.costs.threadResume, 0);
  if (thread.timeout.slot >= 0) k.clock.stop(thread.timeout);
  thread.state &= ~(ThreadState.SLEEPING | ThreadState.PRESTART);
  if (k.checker !== null && thread.body === null) k.checker.threadStart(k.current, thread);
  ready(k, thread);
  return reschedule(k, k.costs.threadResume, 0);
}

/** Zephyr's `k_thread_suspend`. Waits until a thread that runs on another CPU is off it. */
export function suspendThread(k: Kernel, thread: Thread): number {
  if (k.slow !== 0) k.enter(thread, ObjType.THREAD, InitRule.INIT, "k_thread_suspend");
  if ((thread.state & (ThreadState.SUSPENDED | ThreadState.SUSPENDING | ThreadState.DEAD)) !== 0) {
    return k.leave(k.costs.threadSuspend, 0);
  }
  if (k.options.suspendCancelsTimeout) {
    k.clock.stop(thread.timeout);
    // One that was not started yet has no sleep to end.
    if (thread.body !== null) thread.state &= ~ThreadState.SLEEPING;
  }
  return halt(k, thread, ThreadState.SUSPENDED, ThreadState.SUSPENDING, k.costs.threadSuspend);
}

/** Zephyr's `k_thread_resume`: no effect on a thread that is not suspended. */
export function resumeThread(k: Kernel, thread: Thread): number {
  if (k.slow !== 0) k.enter(thread, ObjType.THREAD, InitRule.INIT, "k_thread_resume");
  if ((thread.state & ThreadState.SUSPENDED) === 0) {
    return k.leave(k.costs.threadResume, 0);
  }
  thread.state &= ~ThreadState.SUSPENDED;
  if (k.checker !== null) {
    k.checker.release(thread, k.current);
    k.checker.acquire(thread, thread);
  }
  // One that a CPU has not let go of yet simply goes on there: in the queue another CPU would take it too.
  if (!k.smp || runningOn(thread) === null) ready(k, thread);
  return reschedule(k, k.costs.threadResume, 0);
}

/**
 * Zephyr's `k_thread_abort`. Nothing that the thread holds is released; whoever joins it goes on. Does not
 * return when the caller aborts itself.
 */
export function abortThread(k: Kernel, thread: Thread): number {
  if ((k.slow & Slow.USER) !== 0) {
    k.enter(thread, ObjType.THREAD, InitRule.ANY, "k_thread_abort");
    if (!thread.initialised) return k.leave(k.costs.threadAbort, 0);
    if (thread.essential) {
      raiseFatal(k, FatalReason.KERNEL_OOPS, `${k.current.name} aborts essential ${thread.name}`);
    }
  } else if (k.slow !== 0) k.enter(thread, ObjType.THREAD, InitRule.ANY, "k_thread_abort");
  if ((thread.state & (ThreadState.DEAD | ThreadState.ABORTING)) !== 0) {
    return k.leave(k.costs.threadAbort, 0);
  }
  if (thread.essential) {
    raiseFatal(k, FatalReason.KERNEL_PANIC, `essential thread ${thread.name} is aborted`);
  }
  const self = thread === k.current && (k.slow & (Slow.ISR | Slow.HOST)) === 0;
  if (!self) return halt(k, thread, ThreadState.DEAD, ThreadState.ABORTING, k.costs.threadAbort);
  k.slow |= Slow.DYING;
  throw KILLED;
}

/** Takes `thread` off its CPU or out of the queues and gives it `state`. */
function halt(
  k: Kernel,
  thread: Thread,
  state: number,
  pendingState: number,
  cost: number,
): number {
  const cpu = runningOn(thread);
  if (cpu !== null && cpu !== k.cpu && cpu.online) {
    if (state === ThreadState.SUSPENDED && !k.options.suspendWaits) {
      thread.state |= state;
      return k.leave(cost, 0);
    }
    thread.state |= pendingState;
    k.ipiFlag |= cpu.bit;
    if ((k.slow & (Slow.ISR | Slow.HOST)) !== 0) {
      // A handler spins until the other CPU has let go; that CPU does nothing in between, so do it now.
      // One with interrupts locked lets go when it unlocks them.
      if (!cpu.masked) haltNow(k, cpu);
      return k.leave(cost, 0);
    }
    k.current.continuation = null;
    return pendCurrent(k, thread.halters, K_FOREVER, 0, cost);
  }
  if (state === ThreadState.DEAD) {
    endThread(k, thread);
    return reschedule(k, cost, 0);
  }
  thread.state |= state;
  unready(k, thread);
  if (thread === k.current && (k.slow & (Slow.ISR | Slow.HOST)) === 0) {
    thread.result = 0;
    return swapOut(k, cost);
  }
  if (cpu !== null) cpu.resched = true;
  return reschedule(k, cost, 0);
}

/** The CPU whose current thread is `thread`, or null. */
function runningOn(thread: Thread): Cpu | null {
  const cpu = thread.cpu;
  return cpu !== null && cpu.current === thread && cpu.id >= 0 ? cpu : null;
}

/** A thread that was told to stop stops. Runs on its CPU, or for it. */
export function finishHalt(k: Kernel, thread: Thread): void {
  const state = thread.state;
  if ((state & ThreadState.ABORTING) !== 0) endThread(k, thread);
  else if ((state & ThreadState.SUSPENDING) !== 0) {
    thread.state = (state & ~ThreadState.SUSPENDING) | ThreadState.SUSPENDED;
  } else return;
  wakeHalters(k, thread);
}

/** Takes the current thread off `cpu`, which is between two operations, on behalf of a spinning handler. */
function haltNow(k: Kernel, cpu: Cpu): void {
  catchUp(cpu, k.cpu.time);
  finishHalt(k, cpu.current);
  cpu.attention |= Attention.RESCHEDULE;
  cpu.nextAt = cpu.time;
  const limit = (cpu.time - k.skew) as Cycles;
  if (limit < k.limit) k.limit = limit;
}

/** Brings the computation of a CPU that is in one up to `now`. */
export function catchUp(cpu: Cpu, now: Cycles): void {
  const thread = cpu.current;
  if (cpu.idle || thread.remaining <= 0 || now <= cpu.time) return;
  const done = Math.min(now - cpu.time, thread.remaining);
  thread.remaining -= done;
  cpu.time = (cpu.time + done) as Cycles;
}

function wakeHalters(k: Kernel, thread: Thread): void {
  for (let waiter = thread.halters.head; waiter !== null; waiter = thread.halters.head) {
    wake(k, waiter, 0);
  }
}

/** The end of a thread: off all queues, joiners go on, permissions are gone. */
export function endThread(k: Kernel, thread: Thread): void {
  if ((thread.state & ThreadState.DEAD) !== 0) return;
  unready(k, thread);
  if (thread.pendedOn !== null) unpend(k, thread);
  k.clock.stop(thread.timeout);
  thread.state = ThreadState.DEAD;
  const cpu = runningOn(thread);
  if (cpu !== null) cpu.resched = true;
  thread.continuation = null;
  thread.waitMutex = null;
  thread.remaining = 0;
  thread.savedMasked = false;
  thread.body = null;
  if (k.trace !== null) k.trace.threadEnd?.(k.cpu.time, k.cpu.id, thread);
  for (let waiter = thread.joiners.head; waiter !== null; waiter = thread.joiners.head) {
    unpend(k, waiter);
    waiter.result = 0;
    if (k.checker !== null) k.checker.threadJoin(waiter, thread);
    ready(k, waiter);
  }
  wakeHalters(k, thread);
  thread.flags &= ~ObjFlag.INITIALISED;
  forgetThread(k, thread);
}

/** Zephyr's `k_thread_join`. */
export function joinThread(k: Kernel, thread: Thread, timeout: number): number {
  if (k.slow !== 0) k.enter(thread, ObjType.THREAD, InitRule.ANY, "k_thread_join");
  if (k.isr && timeout !== 0) throw new KernelAssertion("a blocking k_thread_join in an ISR");
  if ((thread.state & ThreadState.DEAD) !== 0) {
    if (k.checker !== null) k.checker.threadJoin(k.current, thread);
    return k.leave(k.costs.threadJoin, 0);
  }
  if (timeout === 0) return k.leave(k.costs.threadJoin, -EBUSY);
  if (thread === k.current || k.current.joiners === thread.pendedOn) {
    return k.leave(k.costs.threadJoin, -EDEADLK);
  }
  return pendCurrent(k, thread.joiners, timeout, -EAGAIN, k.costs.threadJoin);
}

/** Zephyr's `k_sleep` and `k_usleep`, which tell what is left of an interrupted sleep in different units. */
export function sleepCurrent(k: Kernel, timeout: number, unitsPerSecond: number): number {
  if (k.slow !== 0) k.enterCall("k_sleep");
  if (timeout === 0) return yieldCurrent(k);
  k.requireBlocking("k_sleep");
  const thread = k.current;
  unready(k, thread);
  thread.state |= ThreadState.SLEEPING;
  thread.result = K_TICKS_FOREVER;
  if (timeout !== K_FOREVER) {
    k.clock.start(thread.timeout, timeout, k.cpu.time);
    thread.waitValue = thread.timeout.tick;
    thread.waitMode = unitsPerSecond;
    thread.continuation = SLEPT;
  }
  if (k.trace !== null) k.trace.pend?.(k.cpu.time, k.cpu.id, thread, null);
  return swapOut(k, k.costs.sleep);
}

const SLEPT: Continuation = {
  resume(k: Kernel, thread: Thread): number {
    const left = thread.waitValue - k.clock.tickAt(k.cpu.time);
    return left > 0 ? Math.ceil((left * thread.waitMode) / k.ticksPerSecond) : 0;
  },
};

/** Zephyr's `k_yield`: behind all equals. With interrupts locked too, as anything that gives the CPU away. */
export function yieldCurrent(k: Kernel): number {
  if (k.slow !== 0) k.enterCall("k_yield");
  if ((k.slow & (Slow.ISR | Slow.HOST)) !== 0)
    throw new KernelAssertion("k_yield outside a thread");
  moveToEnd(k, k.cpu);
  return k.cpu.masked ? switchMasked(k, k.costs.yield) : reschedule(k, k.costs.yield, 0);
}
