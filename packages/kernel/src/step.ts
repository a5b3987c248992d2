import { type Cycles, InvariantError } from "@sof-ts/kit";
import { Slow, SWITCH, ThreadState } from "./constants.js";
import type { Cpu } from "./cpu.js";
import { KernelAssertion } from "./fatal.js";
import { essentialReturned, threadException } from "./faults.js";
import type { Kernel } from "./kernel.js";
import { nextUp, signalIpi, switchTo } from "./scheduler.js";
import { endThread } from "./thread-life.js";
import type { Thread, ThreadBody } from "./thread.js";

/**
 * `next` of all generators. Looked up once: generators of different functions have different maps, so
 * `body.next` would be a megamorphic load.
 */
const generatorNext = (Object.getPrototypeOf(function* () {}) as GeneratorFunction).prototype
  .next as (this: ThreadBody, value: number) => IteratorResult<number, void>;

/** After a run of `cpu`: when does it act next? */
export function setNextAt(cpu: Cpu): void {
  const thread = cpu.current;
  let at: number;
  if (cpu.attention !== 0 && !cpu.masked) at = cpu.time;
  else if (thread === cpu.idleThread) {
    at = Number.POSITIVE_INFINITY;
    cpu.idle = true;
  } else at = cpu.time + thread.remaining;
  if (cpu.ipiAt < at && !cpu.masked) at = Math.max(cpu.ipiAt, cpu.time);
  cpu.nextAt = at as Cycles;
}

/** Lets the current thread of `cpu` run to its next SWITCH. */
export function step(k: Kernel, cpu: Cpu): void {
  const thread = cpu.current;
  k.current = thread;
  k.slow = thread.modeBits | k.observed;
  if (thread.globalLockCount > 0 && k.globalLock !== cpu) takeGlobalLock(k, cpu);
  try {
    const continuation = thread.continuation;
    if (continuation !== null) {
      thread.continuation = null;
      const rc = continuation.resume(k, thread);
      if (rc === SWITCH) return;
      thread.result = rc;
    }
    let body = thread.body;
    if (body === null) {
      body = (thread.entry as NonNullable<typeof thread.entry>)(thread);
      thread.body = body;
    }
    const next = generatorNext.call(body, thread.result) as IteratorResult<number, void>;
    if (next.done === true) {
      if (thread.essential) essentialReturned(k, thread);
      leaveDead(k, cpu, thread);
      return;
    }
    if ((k.slow & Slow.SWITCHED) === 0 || next.value !== SWITCH) strayYield(thread, next.value);
    else if (
      (thread.state & (ThreadState.DEAD | ThreadState.ABORTING)) !== 0 &&
      cpu.current === thread
    ) {
      leaveDead(k, cpu, thread);
    }
  } catch (error) {
    threadException(k, thread, error);
    if (k.halted === null) leaveDead(k, cpu, thread);
  }
}

function strayYield(thread: Thread, value: number): never {
  throw new InvariantError(
    `thread ${thread.name} yielded ${value} without an operation that asked for it`,
  );
}

/** The current thread is over: its CPU goes on with the next. */
function leaveDead(k: Kernel, cpu: Cpu, thread: Thread): void {
  k.slow = k.observed;
  endThread(k, thread);
  // One that went on past SWITCH may have lost its CPU before it died.
  if (cpu.current === thread) {
    cpu.spinHeld = 0;
    cpu.masked = false;
    switchTo(k, cpu, nextUp(k, cpu), 0);
  }
  if (k.ipiFlag !== 0) signalIpi(k, 0);
}

/**
 * Runs `holder`, another CPU, until `free` holds: the caller's CPU spins meanwhile. Holders of spinlocks
 * neither block nor are preempted, so this ends unless the locks form a cycle.
 */
export function spin(
  k: Kernel,
  holder: Cpu,
  owner: Thread,
  what: string,
  free: () => boolean,
): void {
  if (holder.executing || holder === k.cpu) {
    throw new KernelAssertion(
      `deadlock: CPU ${k.cpu.id} spins for ${what}, which CPU ${holder.id} holds`,
    );
  }
  const { cpu, current, slow, isr, limit } = k;
  k.cpu = holder;
  k.isr = false;
  k.limit = Number.NEGATIVE_INFINITY as Cycles;
  holder.executing = true;
  while (!free()) {
    if (k.halted !== null) break;
    const thread = holder.current;
    if (thread !== owner) {
      throw new KernelAssertion(`${what} is held by ${owner.name}, which does not run any more`);
    }
    holder.time = (holder.time + thread.remaining) as Cycles;
    thread.remaining = 0;
    step(k, holder);
  }
  holder.executing = false;
  setNextAt(holder);
  k.cpu = cpu;
  k.current = current;
  k.slow = slow;
  k.isr = isr;
  k.limit = k.halted === null ? limit : (Number.NEGATIVE_INFINITY as Cycles);
  if (holder.time > cpu.time) cpu.time = holder.time;
}

/** The executing CPU gets the one lock behind `irqLock`, spinning for it if need be. */
export function takeGlobalLock(k: Kernel, cpu: Cpu): void {
  const holder = k.globalLock;
  if (holder !== null && holder !== cpu) {
    spin(k, holder, holder.current, "the global interrupt lock", () => k.globalLock !== holder);
  }
  k.globalLock = cpu;
}

/** The error of a thread that went on after SWITCH instead of yielding it. */
export function misuse(thread: Thread, op: string): InvariantError {
  return new InvariantError(
    `thread ${thread.name} went on past SWITCH into ${op}: yield what a ...Now operation returns`,
  );
}
