import { assert, type Cycles } from "@sof-ts/kit";
import { Attention, FatalReason, K_FOREVER, K_NO_WAIT, Slow, ThreadState } from "./constants.js";
import { KernelAssertion } from "./fatal.js";
import { raiseFatal } from "./faults.js";
import type { Kernel } from "./kernel.js";
import { kick } from "./kick.js";
import { joinDomain } from "./mem-domain.js";
import { poolStack } from "./object-alloc.js";
import { ObjFlag, ObjType } from "./object.js";
import { hasBit, InitRule, setPermission, verifyObject } from "./permissions.js";
import { ready, reschedule, signalIpi } from "./scheduler.js";
import { takeIndex } from "./thread-ids.js";
import type { ThreadStack } from "./thread-stack.js";
import { Thread, type ThreadBody } from "./thread.js";

/** Size of a stack out of a user thread's pool. */
const POOL_STACK_BYTES = 1024;

/** How a thread is made (Zephyr's `k_thread_create`). */
export interface ThreadOptions {
  readonly name?: string;
  /** Its code: a generator function. */
  readonly entry: (thread: Thread) => ThreadBody;
  /** Lower is better; negative is cooperative. */
  readonly priority: number;
  /** Nanoseconds until it starts; K_NO_WAIT at once, K_FOREVER not before `start`. Default K_NO_WAIT. */
  readonly delay?: number;
  /** K_USER: it runs in user mode. */
  readonly user?: boolean;
  /** K_ESSENTIAL: its death is a kernel panic. */
  readonly essential?: boolean;
  /** K_INHERIT_PERMS: it gets every permission that its creator has now. */
  readonly inheritPerms?: boolean;
  /** Size of the stack: no more than that of {@link stack}, if that is given. Default its size, else 4096, or 1024
   * of the maker's resource pool. */
  readonly stackBytes?: number;
  /**
   * Stack object to use; it is in use while the thread lives. A thread made by a user thread has one: by default it
   * comes from the maker's resource pool, and goes back there with the thread.
   */
  readonly stack?: ThreadStack;
  /**
   * Thread object to use: one from `objectAlloc`, a `new Thread`, or that of a thread that has ended. Default: a new
   * one, which a user thread cannot make.
   */
  readonly object?: Thread;
}

/**
 * Makes a thread. In user mode: a checked system call.
 *
 * @param ownStack the kernel object that the thread is for has a stack with it: the caller need not name one
 * @returns the thread, ready or delayed; the caller's own CPU decides at its next reschedule point
 */
export function createThread(k: Kernel, options: ThreadOptions, ownStack = false): Thread {
  if (k.isr) throw new KernelAssertion("k_thread_create in an ISR");
  const creator = k.current;
  let stack = options.stack ?? null;
  if ((k.slow & Slow.USER) !== 0) stack = verifyCreate(k, options, ownStack);
  else if (k.slow !== 0) k.enterCall("k_thread_create");
  const { priority, delay = K_NO_WAIT } = options;
  assert(
    Number.isInteger(priority) && priority >= k.bestPriority && priority < k.idlePriority,
    `priority ${priority} is not in ${k.bestPriority}..${k.idlePriority - 1}`,
  );
  const thread = options.object ?? new Thread(k, options.name ?? "");
  assert(!thread.freed, `thread object ${thread.name} was freed`);
  assert(thread.dead, `thread object ${thread.name} is in use`);
  const dynamic = thread.flags & ObjFlag.DYNAMIC;
  reset(thread);
  if (options.object !== undefined) {
    thread.explicitObject = true;
    // A CPU that has not looked up since the thread on this object was ended lets go of it.
    for (const cpu of k.cpus) if (cpu.current === thread) cpu.current = cpu.idleThread;
  }
  k.objects.add(thread);
  thread.flags = dynamic | ObjFlag.INITIALISED;
  if (options.name !== undefined) thread.setName(options.name);
  thread.entry = options.entry;
  thread.priority = priority;
  thread.basePriority = priority;
  thread.essential = options.essential === true;
  if (options.user === true && k.options.userspace) {
    thread.userMode = true;
    thread.modeBits = Slow.USER;
  }
  thread.cpuMask = k.options.pinOnly ? 1 : -1;
  thread.stack = stack;
  thread.stackBytes = stack === null ? (options.stackBytes ?? 4096) : stack.size;
  thread.kernelStack = stack !== null && !stack.user;
  if (stack !== null) {
    assert(!stack.initialised, `stack ${stack.name} is in use`);
    stack.flags |= ObjFlag.INITIALISED;
  }
  thread.heap = creator.heap;
  joinDomain(thread, creator.domain ?? k.defaultDomain);
  k.threads.add(thread);
  if (k.options.userspace) {
    assert(takeIndex(k, thread), "out of thread ids: raise maxThreadBytes");
    if (options.inheritPerms === true) {
      for (const object of k.objects) {
        if (object !== creator && hasBit(object, creator)) setPermission(object, thread);
      }
    }
    setPermission(thread, thread);
  }
  const cpu = k.cpu;
  if (cpu !== k.host) cpu.time = (cpu.time + k.costs.threadCreate) as Cycles;
  if (k.trace !== null) k.trace.threadCreate?.(cpu.time, cpu.id, thread);
  if (delay === K_NO_WAIT) {
    if (k.checker !== null) k.checker.threadStart(creator, thread);
    beginThread(k, thread);
  } else {
    thread.state =
      k.options.newThreadState === "sleeping" ? ThreadState.SLEEPING : ThreadState.PRESTART;
    if (delay !== K_FOREVER) k.clock.start(thread.timeout, delay, cpu.time);
  }
  return thread;
}

/** Makes a thread ready in a call that cannot switch: the caller's CPU decides at its next point. */
export function beginThread(k: Kernel, thread: Thread): void {
  if (thread.timeout.armed) k.clock.stop(thread.timeout);
  thread.state &= ~(ThreadState.SLEEPING | ThreadState.PRESTART);
  ready(k, thread);
  const cpu = k.cpu;
  if (cpu === k.host || cpu.masked) return;
  if (cpu.resched) {
    cpu.attention |= Attention.RESCHEDULE;
    kick(k, cpu, cpu.time);
  }
  if (k.ipiFlag !== 0) signalIpi(k, 0);
}

/** {@link createThread} with its reschedule point: a better new thread runs before this returns. */
export function* spawnThread(k: Kernel, options: ThreadOptions): Generator<number, Thread, number> {
  const thread = createThread(k, options);
  const rc = reschedule(k, 0, 0);
  if (rc !== 0) yield rc;
  return thread;
}

function reset(thread: Thread): void {
  thread.state = 0;
  thread.deadline = 0 as Cycles;
  thread.userMode = false;
  thread.modeBits = 0;
  thread.schedLocked = 0;
  thread.cpu = null;
  thread.body = null;
  thread.result = 0;
  thread.remaining = 0;
  thread.continuation = null;
  thread.globalLockCount = 0;
  thread.savedMasked = false;
  thread.held = null;
  thread.waitMutex = null;
  thread.sliceTicks = 0;
  thread.sliceCallback = null;
  thread.customData = null;
  thread.cycles = 0 as Cycles;
  // Those of the thread that had the object before are in the kernel's totals already.
  const { counters } = thread;
  counters.syscalls = 0;
  counters.lockOps = 0;
  counters.switches = 0;
  counters.isrs = 0;
}

/** Ends a user thread that asks for what it may not have. @returns the new thread's stack, null for none in memory */
function verifyCreate(k: Kernel, options: ThreadOptions, ownStack: boolean): ThreadStack | null {
  k.enterCall("k_thread_create");
  const creator = k.current;
  const oops = (why: string): never =>
    raiseFatal(k, FatalReason.KERNEL_OOPS, `k_thread_create by ${creator.name}: ${why}`);
  if (options.object === undefined) oops("no thread object");
  verifyObject(k, options.object, ObjType.THREAD, InitRule.NOT_INIT, "k_thread_create");
  const { stack } = options;
  if (stack !== undefined) {
    verifyObject(k, stack, ObjType.THREAD_STACK, InitRule.NOT_INIT, "k_thread_create");
    if (!stack.user) oops("not a stack for user threads");
    // A size is unsigned: a negative one fits nowhere.
    if ((options.stackBytes ?? 0) >>> 0 > stack.size) oops("stack size does not fit");
  }
  if (options.user !== true) oops("a user thread makes user threads only");
  if (options.essential === true) oops("a user thread makes no essential thread");
  const { priority } = options;
  if (!k.validPriority(priority)) oops("priority out of range");
  if (priority < creator.priority) oops("priority better than the caller's");
  if (stack !== undefined) return stack;
  if (ownStack) return null;
  const own = poolStack(k, options.stackBytes ?? POOL_STACK_BYTES, true);
  if (own === null) return oops("no stack object, and no memory for one");
  own.ownedByThread = true;
  return own;
}
