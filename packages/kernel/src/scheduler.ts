import type { Cycles } from "@sof-ts/kit";
import { Attention, K_FOREVER, PREVENTED, Slow, SWITCH, ThreadState } from "./constants.js";
import type { Cpu } from "./cpu.js";
import { KernelAssertion } from "./fatal.js";
import type { Kernel } from "./kernel.js";
import { kick } from "./kick.js";
import { ranksBefore } from "./rank.js";
import type { Thread } from "./thread.js";
import { resetSlice } from "./time-slice.js";
import type { WaitQueue } from "./wait-queue.js";

/** Makes `thread` a candidate unless something still keeps it from running. */
export function ready(k: Kernel, thread: Thread): void {
  if ((thread.state & (PREVENTED | ThreadState.QUEUED)) !== 0) return;
  const queue = k.ready;
  queue.add(thread);
  const cpu = k.cpu;
  const current = cpu.current;
  // What does not beat the current thread cannot take its place.
  if (
    thread.priority < current.priority ||
    (current.state & PREVENTED) !== 0 ||
    (queue.deadlines && ranksBefore(thread, current, k.narrow))
  ) {
    cpu.resched = true;
  }
  if (k.plain) return;
  // One CPU alone has nobody to interrupt.
  if (k.smp && (k.up.length > 1 || k.cpu === k.host)) k.ipiFlag |= ipiTargets(k, thread);
  if (k.trace !== null) k.trace.ready?.(k.cpu.time, k.cpu.id, thread);
}

/** Takes `thread` out of the run queue if it is there. */
export function unready(k: Kernel, thread: Thread): void {
  if ((thread.state & ThreadState.QUEUED) !== 0) k.ready.remove(thread);
}

/** The CPUs that a newly ready thread interrupts (Zephyr's `ipi_mask_create`). */
function ipiTargets(k: Kernel, thread: Thread): number {
  if (!k.options.ipiOptimize) return -1;
  let mask = 0;
  for (const cpu of k.cpus) {
    if (!cpu.online || (thread.cpuMask & cpu.bit) === 0) continue;
    const running = cpu.current;
    const better = running === cpu.idleThread || ranksBefore(thread, running, k.narrow);
    if (isMetaIrq(k, thread) || (better && isPreemptible(cpu, running))) mask |= cpu.bit;
  }
  return mask;
}

/** Interrupts the other CPUs that a change of the run queue concerns, `delay` cycles from now. */
export function signalIpi(k: Kernel, delay: number): void {
  const mask = k.ipiFlag;
  k.ipiFlag = 0;
  const from = k.cpu;
  const at = (from.time + (from === k.host ? 0 : delay + k.costs.ipiLatency)) as Cycles;
  for (const cpu of k.cpus) {
    if (cpu === from || !cpu.online || (mask & cpu.bit) === 0) continue;
    if (from === k.host) {
      cpu.resched = true;
      cpu.attention |= Attention.RESCHEDULE;
      kick(k, cpu, at);
    } else if (at < cpu.ipiAt) {
      cpu.ipiAt = at;
      kick(k, cpu, at);
    }
  }
}

/** Whether `thread` preempts cooperative threads too. */
function isMetaIrq(k: Kernel, thread: Thread): boolean {
  return thread.priority < k.metaIrqBelow;
}

/** Whether a better thread may take the CPU from `thread` although it has not given it up. */
function isPreemptible(cpu: Cpu, thread: Thread): boolean {
  if (thread === cpu.idleThread) return true;
  return thread.priority >= 0 && thread.schedLocked === 0;
}

/**
 * Chooses what `cpu` runs next. On one CPU the current thread stands in the run queue; on SMP it does not,
 * and competes with the best one of the queue.
 */
export function nextUp(k: Kernel, cpu: Cpu): Thread {
  const current = cpu.current;
  const { swapOk } = cpu;
  cpu.swapOk = false;
  let candidate = k.ready.best(cpu.bit);
  if (cpu.metaIrqPreempted !== null) candidate = backFromMetaIrq(k, cpu, candidate);
  if (candidate === current) return current;
  const idle = cpu.idleThread;
  if (current === idle || (current.state & PREVENTED) !== 0) return candidate ?? idle;
  if (candidate === null) return current;
  if (k.smp) {
    if (ranksBefore(current, candidate, k.narrow)) return current;
    if (!swapOk && !ranksBefore(candidate, current, k.narrow)) return current;
  }
  if (swapOk || isPreemptible(cpu, current) || isMetaIrq(k, candidate)) return candidate;
  return current;
}

/** The CPU goes back to the cooperative thread that a meta-IRQ thread had preempted, if that can run. */
function backFromMetaIrq(k: Kernel, cpu: Cpu, candidate: Thread | null): Thread | null {
  if (candidate !== null && isMetaIrq(k, candidate)) return candidate;
  const preempted = cpu.metaIrqPreempted as Thread;
  const here = preempted === cpu.current || (preempted.state & ThreadState.QUEUED) !== 0;
  if (here && (preempted.state & PREVENTED) === 0) return preempted;
  cpu.metaIrqPreempted = null;
  return candidate;
}

/**
 * Makes `next` the current thread of `cpu`, after `cost` cycles that the present one still needs. Runs in the
 * context of `cpu`.
 */
export function switchTo(k: Kernel, cpu: Cpu, next: Thread, cost: number): void {
  const previous = cpu.current;
  const { plain } = k;
  if (!plain) {
    if (k.special) beforeSwitch(k, cpu, previous, next, cost);
    else if (k.smp) leaveCpu(k, cpu, previous, next);
  }
  const now = (cpu.time + cost) as Cycles;
  cpu.time = (now + k.costs.contextSwitch) as Cycles;
  previous.cycles = (previous.cycles + (now - cpu.usageStart)) as Cycles;
  cpu.usageStart = now;
  cpu.current = next;
  if (cpu.masked || next.savedMasked) swapMasks(cpu, previous, next);
  if (next.cpu !== cpu) next.cpu = cpu;
  next.counters.switches++;
  if (!plain) {
    if (k.slicing) resetSlice(k, cpu);
    if (k.ipiFlag !== 0) signalIpi(k, 0);
  }
}

/** Interrupt masking is each thread's own. */
function swapMasks(cpu: Cpu, previous: Thread, next: Thread): void {
  previous.savedMasked = cpu.masked;
  cpu.masked = next.savedMasked;
  next.savedMasked = false;
}

/** What a switch is more than that with meta-IRQ threads or a listener. */
function beforeSwitch(k: Kernel, cpu: Cpu, previous: Thread, next: Thread, cost: number): void {
  if (k.metaIrqs) noteMetaIrq(k, cpu, previous, next);
  if (k.smp) leaveCpu(k, cpu, previous, next);
  if (k.trace !== null) k.trace.threadSwitch?.(cpu.time + cost, cpu.id, previous, next);
}

/** On SMP the thread that runs is not in the run queue. */
function leaveCpu(k: Kernel, cpu: Cpu, previous: Thread, next: Thread): void {
  const { state } = previous;
  if ((state & (PREVENTED | ThreadState.QUEUED)) === 0 && previous !== cpu.idleThread) {
    k.ready.add(previous);
    if (k.options.ipiCascade) k.ipiFlag |= ipiTargets(k, previous) & ~cpu.bit;
  }
  if ((next.state & ThreadState.QUEUED) !== 0) k.ready.remove(next);
  if (previous.globalLockCount > 0) k.globalLock = null;
  if ((state & (ThreadState.ABORTING | ThreadState.SUSPENDING)) !== 0) k.finishHalt(previous);
}

function noteMetaIrq(k: Kernel, cpu: Cpu, previous: Thread, next: Thread): void {
  if (isMetaIrq(k, next)) {
    const runnable = (previous.state & PREVENTED) === 0;
    if (!isMetaIrq(k, previous) && !isPreemptible(cpu, previous) && runnable) {
      cpu.metaIrqPreempted = previous;
    }
  } else if (next !== cpu.idleThread) cpu.metaIrqPreempted = null;
}

/**
 * The end of an operation that may have made another thread the best one. A thread that loses its CPU here
 * gets `result` when it has it again. Interrupt handlers and callers with interrupts locked go on; the
 * decision waits for the handler's end or the next such point.
 */
export function reschedule(k: Kernel, cost: number, result: number): number {
  const cpu = k.cpu;
  if ((cpu.resched || k.ipiFlag !== 0) && (k.slow & (Slow.ISR | Slow.HOST)) === 0 && !cpu.masked) {
    if (k.ipiFlag !== 0) signalIpi(k, cost);
    if (cpu.resched) {
      cpu.resched = false;
      const next = nextUp(k, cpu);
      if (next !== cpu.current) {
        k.current.result = result;
        switchTo(k, cpu, next, cost);
        k.slow |= Slow.SWITCHED;
        return SWITCH;
      }
    }
  }
  return k.leave(cost, result);
}

/**
 * Puts the current thread, which waits now, off its CPU.
 *
 * @returns SWITCH
 */
export function swapOut(k: Kernel, cost: number): number {
  const cpu = k.cpu;
  if (cpu.spinHeld !== 0) throw blockedInSpinlock(k.current);
  if (k.ipiFlag !== 0) signalIpi(k, cost);
  cpu.resched = false;
  cpu.swapOk = false;
  // The current thread cannot go on, so the best ready one runs.
  const next = cpu.metaIrqPreempted === null ? k.ready.best(cpu.bit) : nextUp(k, cpu);
  switchTo(k, cpu, next ?? cpu.idleThread, cost);
  k.slow |= Slow.SWITCHED;
  return SWITCH;
}

/**
 * Gives the CPU to the best thread, which may be the current one, although interrupts are locked: the lock is
 * let go in the switch and had again afterwards.
 *
 * @returns 0; SWITCH
 */
export function switchMasked(k: Kernel, cost: number): number {
  const cpu = k.cpu;
  if (cpu.spinHeld !== 0) throw blockedInSpinlock(k.current);
  if (k.ipiFlag !== 0) signalIpi(k, cost);
  cpu.resched = false;
  const next = nextUp(k, cpu);
  if (next === cpu.current) return k.leave(cost, 0);
  k.current.result = 0;
  switchTo(k, cpu, next, cost);
  k.slow |= Slow.SWITCHED;
  return SWITCH;
}

function blockedNowhere(): KernelAssertion {
  return new KernelAssertion("a blocking call where no thread can block");
}

function blockedInSpinlock(thread: Thread): KernelAssertion {
  return new KernelAssertion(`${thread.name} blocks with a spinlock held`);
}

/**
 * Makes the current thread wait on `queue` until somebody takes it off or `timeout` is over, when the
 * operation's result is `timeoutResult`.
 *
 * @returns SWITCH
 */
export function pendCurrent(
  k: Kernel,
  queue: WaitQueue,
  timeout: number,
  timeoutResult: number,
  cost: number,
): number {
  const thread = k.current;
  if ((k.slow & (Slow.ISR | Slow.HOST)) !== 0) throw blockedNowhere();
  if ((thread.state & ThreadState.QUEUED) !== 0) k.ready.remove(thread);
  thread.state |= ThreadState.PENDING;
  thread.result = timeoutResult;
  queue.add(thread);
  if (timeout !== K_FOREVER) k.clock.start(thread.timeout, timeout, k.cpu.time);
  if (k.trace !== null) k.trace.pend?.(k.cpu.time, k.cpu.id, thread, queue.object);
  return swapOut(k, cost);
}

/** Takes `thread` off what it waits on. It is not ready yet: {@link ready} decides. */
export function unpend(k: Kernel, thread: Thread): void {
  const queue = thread.pendedOn;
  if (queue !== null) queue.remove(thread);
  thread.state &= ~ThreadState.PENDING;
  if (thread.timeout.slot >= 0) k.clock.stop(thread.timeout);
}

/** Ends the wait of `thread` with `result`. */
export function wake(k: Kernel, thread: Thread, result: number): void {
  unpend(k, thread);
  thread.result = result;
  ready(k, thread);
}

/** The time-out of a waiting, sleeping or delayed thread. */
export function threadTimeout(k: Kernel, thread: Thread): void {
  if ((thread.state & (ThreadState.DEAD | ThreadState.ABORTING)) !== 0) return;
  if ((thread.state & ThreadState.PENDING) !== 0) unpend(k, thread);
  thread.state &= ~(ThreadState.SLEEPING | ThreadState.PRESTART);
  ready(k, thread);
}

/** Moves `thread` to `priority` and to its new place in the queue it is on. */
export function setPriority(k: Kernel, thread: Thread, priority: number): void {
  const before = thread.priority;
  if ((thread.state & ThreadState.QUEUED) !== 0) {
    k.ready.remove(thread);
    thread.priority = priority;
    k.ready.add(thread);
    k.ipiFlag |= k.smp ? ipiTargets(k, thread) : 0;
  } else {
    thread.priority = priority;
    const queue = thread.pendedOn;
    if (queue !== null && k.options.resortPending) {
      queue.remove(thread);
      queue.add(thread);
    } else if (k.smp && thread.cpu !== null && thread.cpu.current === thread) {
      k.ipiFlag |= thread.cpu.bit;
    }
  }
  k.cpu.resched = true;
  if (k.trace !== null) k.trace.priority?.(k.cpu.time, k.cpu.id, thread, before, priority);
}

/** Gives a thread that waits on nothing a new priority and deadline at once. */
export function setRank(k: Kernel, thread: Thread, priority: number, deadline: number): void {
  const queued = (thread.state & ThreadState.QUEUED) !== 0;
  if (queued) k.ready.remove(thread);
  thread.priority = priority;
  thread.deadline = deadline as Cycles;
  k.ready.deadlines = true;
  if (queued) k.ready.add(thread);
  k.cpu.resched = true;
}
