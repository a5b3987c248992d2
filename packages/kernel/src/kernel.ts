import { assert, type Cycles, NEVER } from "@sof-ts/kit";
import { builtinCalls } from "./builtin-calls.js";
import { FatalReason, Slow, SWITCH } from "./constants.js";
import { startCpu, stopCpu } from "./cpu-power.js";
import type { Cpu } from "./cpu.js";
import { createThread, spawnThread, type ThreadOptions } from "./create-thread.js";
import { KernelAssertion } from "./fatal.js";
import { raiseFatal } from "./faults.js";
import { enable, raise } from "./interrupts.js";
import { irqLock, irqUnlock } from "./irq-lock.js";
import { KernelCore, type KernelCounters, type RunResult } from "./kernel-core.js";
import {
  type DynamicObjects,
  objectAlloc,
  objectFree,
  objectRecycle,
  threadStackAlloc,
  threadStackFree,
} from "./object-alloc.js";
import { type KObject, ObjFlag, type ObjType } from "./object.js";
import { grant, grantAll, InitRule, release, revoke, validate } from "./permissions.js";
import { runMachine } from "./run-loop.js";
import { reschedule, signalIpi } from "./scheduler.js";
import {
  type BlockingSyscallSpec,
  callByName,
  defineBlockingSyscall,
  defineSyscall,
  type SyscallSpec,
  userMay,
  userModeEnter,
} from "./syscalls.js";
import {
  allRuntimeStats,
  nameCopy,
  nameSet,
  type RuntimeStats,
  threadRuntimeStats,
} from "./thread-info.js";
import { sleepCurrent, yieldCurrent } from "./thread-life.js";
import type { ThreadStack } from "./thread-stack.js";
import type { Blocking, Thread, ThreadBody } from "./thread.js";
import { resetSlice } from "./time-slice.js";
import { type UserString, userStringCopy } from "./user-string.js";
import { WorkQueue } from "./work-queue.js";

/**
 * A Zephyr-like kernel on a deterministic model of one to 31 CPUs. It owns no hardware: the given event
 * queue is the machine around it. One class, because every name of the API hangs on it; each method calls
 * the function that its file is about.
 */
export class Kernel extends KernelCore {
  private running = false;
  private systemQueue: WorkQueue | null = null;

  // ---- time -------------------------------------------------------------------------------------

  /** Local time of the executing CPU, or of the machine when none executes. */
  get now(): Cycles {
    return this.cpu.time;
  }

  /** The executing CPU gives way when its time reaches this: another CPU or an event comes first then. */
  get horizon(): Cycles {
    return Math.min(this.limit, this.events.nextTime) as Cycles;
  }

  /** A time-out of `count` kernel ticks, in nanoseconds (Zephyr's `K_TICKS`). */
  ticks(count: number): number {
    return Math.floor((count * 1e9) / this.ticksPerSecond);
  }

  /** Kernel ticks since boot (Zephyr's `k_uptime_ticks`). Thread, ISR and user mode. */
  uptimeTicks(): number {
    return this.clock.tickAt(this.cpu.time);
  }

  /** Whole milliseconds since boot, by ticks (Zephyr's `k_uptime_get`). Thread, ISR and user mode. */
  uptimeMs(): number {
    return Math.floor((this.uptimeTicks() * 1000) / this.ticksPerSecond);
  }

  /** Cycles of a span in nanoseconds, rounded up. */
  cyclesOf(ns: number): Cycles {
    return Math.ceil((ns * this.cyclesPerSecond) / 1e9) as Cycles;
  }

  /**
   * Computation of `cycles` by the caller. Interrupts and better threads come in between at cycle
   * granularity, after which the rest goes on. In an ISR or with interrupts locked time simply passes.
   *
   * @returns 0; SWITCH
   */
  charge(cycles: number): number {
    if ((this.slow & (Slow.SWITCHED | Slow.DYING)) !== 0) this.refuse("charge");
    const cpu = this.cpu;
    const end = cpu.time + cycles;
    if (end < this.limit && end < this.events.nextTime) {
      cpu.time = end as Cycles;
      return 0;
    }
    if ((this.slow & (Slow.ISR | Slow.HOST)) !== 0 || cpu.masked) {
      if (cpu !== this.host) cpu.time = end as Cycles;
      return 0;
    }
    return this.compute(cycles);
  }

  /** {@link charge} as a generator; other CPUs go on meanwhile also when interrupts are locked. */
  *busy(cycles: number): Blocking {
    let rc: number = 0;
    if (this.cpu.masked && (this.slow & (Slow.ISR | Slow.HOST)) === 0) rc = this.compute(cycles);
    else rc = this.charge(cycles);
    return rc === SWITCH ? yield SWITCH : rc;
  }

  private compute(cycles: number): number {
    const thread = this.current;
    thread.remaining = cycles;
    thread.result = 0;
    this.slow |= Slow.SWITCHED;
    return SWITCH;
  }

  // ---- running ----------------------------------------------------------------------------------

  /**
   * Runs the machine until virtual time `until`: events up to and including it, CPUs up to it.
   *
   * @param steps at most so many events and operations
   */
  run(until: Cycles | number = NEVER, steps = Number.POSITIVE_INFINITY): RunResult {
    return this.drive(until, null, steps);
  }

  /**
   * Runs until `done` holds; it is asked after each event and whenever a thread switches, once a tick at least.
   *
   * @returns whether it held before virtual time `limit`
   */
  runUntil(done: () => boolean, limit: Cycles | number = NEVER): boolean {
    return this.drive(limit, done, Number.POSITIVE_INFINITY).reason === "done";
  }

  /** Ends the run after the present step. */
  stop(): void {
    this.stopRequested = true;
    this.limit = Number.NEGATIVE_INFINITY as Cycles;
  }

  private drive(until: number, done: (() => boolean) | null, steps: number): RunResult {
    assert(!this.running, "run() inside run()");
    this.running = true;
    try {
      const reason = runMachine(this, until, done, steps);
      return { reason, time: this.host.time, fatal: this.halted };
    } finally {
      this.running = false;
      this.enterHost(this.host.time);
    }
  }

  // ---- interrupts -------------------------------------------------------------------------------

  /** Zephyr's `irq_connect_dynamic` for one CPU: `isr` runs in ISR context. Supervisor only. */
  irqConnect(cpu: number, irq: number, isr: (irq: number) => void): void {
    this.supervisorOnly("irq_connect");
    this.cpuOf(cpu).irqHandlers[irq] = isr;
  }

  /** Zephyr's `irq_enable`: what is pending is taken. Supervisor only. */
  irqEnable(cpu: number, irq: number): void {
    this.supervisorOnly("irq_enable");
    enable(this, this.cpuOf(cpu), irq, true);
  }

  /** Zephyr's `irq_disable`: what comes stays pending. Supervisor only. */
  irqDisable(cpu: number, irq: number): void {
    this.supervisorOnly("irq_disable");
    enable(this, this.cpuOf(cpu), irq, false);
  }

  /** A device asserts `irq` of `cpu`; it stays pending until taken. For devices and events of the machine. */
  irqRaise(cpu: number, irq: number): void {
    raise(this, this.cpuOf(cpu), irq);
  }

  /**
   * Zephyr's `arch_sched_broadcast_ipi`: the other CPUs choose their threads anew. Supervisor; thread and ISR.
   */
  schedIpi(): void {
    this.supervisorOnly("arch_sched_broadcast_ipi");
    this.ipiFlag = -1;
    signalIpi(this, 0);
  }

  /**
   * Zephyr's `irq_lock`: masks the CPU's interrupts, and on SMP takes the one global lock, spinning while
   * another CPU has it. Nests. Thread and ISR. Blocking with it held lets go of it meanwhile.
   *
   * @returns the key for {@link irqUnlock}
   */
  irqLock(): number {
    return irqLock(this);
  }

  /** Zephyr's `irq_unlock`: back to the state that `key` names. Not a reschedule point. */
  irqUnlock(key: number): void {
    irqUnlock(this, key);
  }

  /** Whether a handler runs (Zephyr's `k_is_in_isr`). */
  get inIsr(): boolean {
    return this.isr;
  }

  /** The executing CPU, or null outside `run` and in events of the machine. */
  get currentCpu(): Cpu | null {
    return this.cpu === this.host ? null : this.cpu;
  }

  /** Brings CPU `id` up. No effect when it is up. */
  startCpu(id: number): void {
    this.supervisorOnly("k_smp_cpu_start");
    startCpu(this, id);
  }

  /** Takes CPU `id` down; the thread that it ran stays ready. No effect when it is down. */
  stopCpu(id: number): void {
    this.supervisorOnly("pm_system_suspend");
    stopCpu(this, id);
  }

  // ---- threads ----------------------------------------------------------------------------------

  /**
   * Zephyr's `k_thread_create`. Thread context (or around `run`); in user mode a checked system call. A new
   * thread that is better than the caller runs at the caller's next reschedule point; use {@link
   * spawnThread} where it must run before this returns.
   */
  createThread(options: ThreadOptions): Thread {
    return createThread(this, options);
  }

  /** {@link createThread} with its reschedule point. */
  spawnThread(options: ThreadOptions): Blocking<Thread> {
    return spawnThread(this, options);
  }

  /**
   * Zephyr's `k_sleep`; K_NO_WAIT is a yield. Thread and user mode.
   *
   * @returns 0; milliseconds left when `wakeup` ended it early; SWITCH
   */
  sleepNow(timeout: number): number {
    return sleepCurrent(this, timeout, 1000);
  }

  /** {@link sleepNow} as a generator. */
  *sleep(timeout: number): Blocking {
    const rc = this.sleepNow(timeout);
    return rc === SWITCH ? yield SWITCH : rc;
  }

  /** Zephyr's `k_usleep`: as {@link sleep}, in microseconds, and microseconds left. */
  *usleep(us: number): Blocking {
    const rc = sleepCurrent(this, us * 1000, 1_000_000);
    return rc === SWITCH ? yield SWITCH : rc;
  }

  /** Zephyr's `k_busy_wait`: computes for so many microseconds. Thread, ISR and user mode. */
  *busyWait(us: number): Blocking {
    if (this.slow !== 0) this.enterCall("k_busy_wait");
    return yield* this.busy(this.cyclesOf(us * 1000));
  }

  /** Zephyr's `k_yield`: equal threads go first. Thread and user mode. @returns 0; SWITCH */
  yieldNow(): number {
    return yieldCurrent(this);
  }

  /** {@link yieldNow} as a generator. */
  *yield(): Blocking {
    const rc = this.yieldNow();
    return rc === SWITCH ? yield SWITCH : rc;
  }

  /**
   * Zephyr's `k_sched_lock`: no other thread but a meta-IRQ one takes the CPU from the caller. Nests.
   * Thread, supervisor only.
   */
  schedLock(): void {
    this.supervisorOnly("k_sched_lock");
    if (this.isr) throw new KernelAssertion("k_sched_lock in an ISR");
    this.current.schedLocked++;
    // It excludes the other threads of this CPU, for which the idle thread stands.
    if (this.checker !== null) this.checker.acquire(this.cpu.idleThread, this.current);
  }

  /** Zephyr's `k_sched_unlock`. A reschedule point. @returns 0; SWITCH */
  schedUnlockNow(): number {
    this.supervisorOnly("k_sched_unlock");
    if (this.isr) throw new KernelAssertion("k_sched_unlock in an ISR");
    const thread = this.current;
    if (thread.schedLocked === 0) throw new KernelAssertion("k_sched_unlock without k_sched_lock");
    thread.schedLocked--;
    if (this.checker !== null) this.checker.release(this.cpu.idleThread, thread);
    this.cpu.resched = true;
    return reschedule(this, 0, 0);
  }

  /** {@link schedUnlockNow} as a generator. */
  *schedUnlock(): Blocking {
    const rc = this.schedUnlockNow();
    return rc === SWITCH ? yield SWITCH : rc;
  }

  /**
   * Whether a thread may have `priority` (Zephyr's `Z_VALID_PRIO`): from the best cooperative to the worst
   * application one; the idle priority is the idle thread's alone.
   */
  validPriority(priority: number, idle = false): boolean {
    if (idle && priority === this.idlePriority) return true;
    return (
      Number.isInteger(priority) && priority >= this.bestPriority && priority < this.idlePriority
    );
  }

  /**
   * Zephyr's `k_sched_time_slice_set`: preemptible threads of priorities from `priority` on take turns of
   * `slice` nanoseconds, rounded up to ticks; 0 for none. Supervisor only.
   */
  timeSliceSet(slice: number, priority: number): void {
    this.supervisorOnly("k_sched_time_slice_set");
    this.sliceTicks = this.clock.ticksOf(slice);
    this.slicePriority = priority;
    this.slicing = true;
    this.special = true;
    for (const cpu of this.cpus) if (cpu.online) resetSlice(this, cpu);
  }

  /** Zephyr's `k_thread_runtime_stats_get`. Supervisor. @returns 0; -EINVAL without a thread or a buffer */
  threadRuntimeStatsGet(
    thread: Thread | null | undefined,
    stats: RuntimeStats | null | undefined,
  ): number {
    return threadRuntimeStats(thread, stats);
  }

  /** Zephyr's `k_thread_runtime_stats_all_get`. Supervisor. @returns 0; -EINVAL without a buffer */
  runtimeStatsAllGet(stats: RuntimeStats | null | undefined): number {
    return allRuntimeStats(this, stats);
  }

  /**
   * Zephyr's `k_thread_name_set`; null names the caller. Thread and user mode.
   *
   * @param name plain text, or text that lies in memory
   * @returns 0; -EFAULT when the user thread cannot read it; -EINVAL from user mode for what is no thread, or
   * without permission; -ENOSYS without names
   */
  threadNameSet(thread: unknown, name: string | UserString): number {
    return nameSet(this, thread, name);
  }

  /**
   * Zephyr's `k_thread_name_copy`; needs no permission. Thread and user mode.
   *
   * @param bytes size of the buffer with its terminator
   * @returns the name; -ENOSPC; -EINVAL for what is no thread; -ENOSYS without names
   */
  threadNameCopy(thread: unknown, bytes: number): string | number {
    return nameCopy(this, thread, bytes);
  }

  // ---- user mode --------------------------------------------------------------------------------

  /** Zephyr's `k_is_user_context`: in user mode and not inside a system call. */
  isUserContext(): boolean {
    return (this.slow & Slow.USER) !== 0;
  }

  /**
   * Zephyr's `k_thread_user_mode_enter`: the calling thread goes on as `entry` in user mode, for good, with
   * its permissions and domain; ends when that returns. Called with `yield*`; does not return.
   */
  userModeEnter(entry: (thread: Thread) => ThreadBody): Generator<number, never, number> {
    return userModeEnter(this, entry);
  }

  /**
   * Defines a system call: the returned function traps from user mode, verifies, runs in supervisor mode
   * and restores the mode; a supervisor thread calls straight through.
   */
  defineSyscall<A extends readonly unknown[], R>(
    name: string,
    spec: SyscallSpec<A, R>,
  ): (...args: A) => R {
    return defineSyscall(this, name, spec);
  }

  /** {@link defineSyscall} for one that may block; its result is called with `yield*`. */
  defineBlockingSyscall<A extends readonly unknown[], R>(
    name: string,
    spec: BlockingSyscallSpec<A, R>,
  ): (...args: A) => Blocking<R> {
    return defineBlockingSyscall(this, name, spec);
  }

  /**
   * A system call by its name: the firmware's own and the kernel's, by Zephyr's names (`k_mutex_lock`), with
   * handles that may be anything. From user mode a name that nobody defined, or a handle that is no object of
   * the right type, is a kernel oops.
   *
   * @returns what the call returns; for one that may block its result or SWITCH
   */
  syscall(name: string, ...args: readonly unknown[]): unknown {
    return callByName(this, builtinCalls, name, args);
  }

  /**
   * An access of the caller to memory: in user mode a range that neither its domain's partitions nor its
   * stack allow is a CPU exception. A supervisor's access is not checked.
   */
  checkAccess(address: number, size: number, write: boolean): void {
    if ((this.slow & Slow.USER) === 0 || userMay(this, address, size, write)) return;
    const kind = write ? "write" : "read";
    raiseFatal(
      this,
      FatalReason.CPU_EXCEPTION,
      `${kind} of ${size} bytes at 0x${address.toString(16)} by user thread ${this.current.name}`,
    );
  }

  /**
   * Zephyr's `arch_buffer_validate`, for verification handlers (`K_SYSCALL_MEMORY_READ`, `_WRITE`): whether
   * the calling thread could make the access from user mode.
   */
  userMayAccess(address: number, size: number, write: boolean): boolean {
    return userMay(this, address, size, write);
  }

  /**
   * Zephyr's `k_usermode_string_copy`, for implementations of system calls.
   *
   * @param bytes size of the destination, terminator included
   * @returns the text; EFAULT (positive) when the caller cannot read it; EINVAL when it is too long
   */
  userStringCopy(source: UserString, bytes: number): string | number {
    return userStringCopy(this, source, bytes);
  }

  /** Zephyr's `k_oops`. Ends the calling thread if the policy lets the kernel go on. */
  oops(message = "k_oops"): never {
    return raiseFatal(this, FatalReason.KERNEL_OOPS, message);
  }

  /** Zephyr's `k_panic`; from user mode it is a kernel oops. */
  panic(message = "k_panic"): never {
    return this.except(FatalReason.KERNEL_PANIC, message);
  }

  /** Zephyr's `z_except_reason`: a user thread can raise a stack check, all else becomes a kernel oops. */
  except(reason: number, message = `fatal reason ${reason}`): never {
    const user = (this.slow & Slow.USER) !== 0;
    const own = user && reason !== FatalReason.STACK_CHK_FAIL ? FatalReason.KERNEL_OOPS : reason;
    return raiseFatal(this, own as FatalReason, message);
  }

  // ---- objects and permissions ------------------------------------------------------------------

  /** Zephyr's `k_object_access_grant`. Thread, ISR; user mode with permission on both. */
  accessGrant(object: unknown, thread: unknown): void {
    grant(this, object, thread);
  }

  /** Zephyr's `k_thread_access_grant`: {@link accessGrant} of each object. */
  threadAccessGrant(thread: unknown, ...objects: readonly unknown[]): void {
    for (const object of objects) grant(this, object, thread);
  }

  /** Zephyr's `k_object_access_revoke`. Supervisor only. */
  accessRevoke(object: unknown, thread: unknown): void {
    revoke(this, object, thread);
  }

  /** Zephyr's `k_object_release`: the caller's own permission. Thread; user mode with permission. */
  release(object: unknown): void {
    release(this, object);
  }

  /** Zephyr's `k_object_access_all_grant`: every thread may use it. Supervisor only. */
  accessAllGrant(object: unknown): void {
    grantAll(this, object);
  }

  /** Zephyr's `k_object_is_valid`: exists, is of `type`, initialised, and the caller may use it. */
  objectIsValid(object: unknown, type: ObjType): boolean {
    this.supervisorOnly("k_object_is_valid");
    return validate(object, type, InitRule.INIT, this.current) === 0;
  }

  /**
   * Zephyr's `k_object_validate`, for verification handlers.
   *
   * @returns 0; -EBADF, -EPERM, -EINVAL, -EADDRINUSE
   */
  objectValidate(object: unknown, type: ObjType, rule: InitRule = InitRule.INIT): number {
    return validate(object, type, rule, this.current);
  }

  /**
   * Zephyr's `k_object_alloc`: a dynamic object, not initialised, from the caller's resource pool; the caller
   * may use it. It is freed with the last permission on it. Thread and user mode.
   *
   * @param size bytes of a THREAD_STACK, for the other types nothing
   * @returns null without memory, pool or thread id, and for types that cannot be allocated
   */
  objectAlloc<T extends keyof DynamicObjects>(type: T, size?: number): DynamicObjects[T] | null;
  objectAlloc(type: number, size?: number): KObject | null;
  objectAlloc(type: number, size = 0): KObject | null {
    return objectAlloc(this, type, size);
  }

  /**
   * Zephyr's `k_thread_stack_alloc`: a stack from the caller's resource pool. Thread and user mode.
   *
   * @param user for user threads; else a supervisor-only stack
   * @returns null without memory or pool
   */
  threadStackAlloc(bytes: number, user = true): ThreadStack | null {
    return threadStackAlloc(this, bytes, user);
  }

  /**
   * Zephyr's `k_thread_stack_free`. Thread and user mode.
   *
   * @returns 0; -EINVAL for what is no allocated stack; -EBUSY while a thread uses it
   */
  threadStackFree(stack: unknown): number {
    return threadStackFree(this, stack);
  }

  /** Zephyr's `k_object_free`: at once, whoever holds it; what is no dynamic object is left alone. Supervisor only. */
  objectFree(object: unknown): void {
    objectFree(this, object);
  }

  /** Zephyr's `k_object_recycle`: initialised, and only the caller may use it. Supervisor only. */
  objectRecycle(object: unknown): void {
    this.supervisorOnly("k_object_recycle");
    objectRecycle(this, object);
  }

  /** Zephyr's `k_object_init` and `k_object_uninit`: marks an object. Supervisor only. */
  objectMark(object: KObject, initialised: boolean): void {
    this.supervisorOnly("k_object_init");
    if (initialised) object.flags |= ObjFlag.INITIALISED;
    else object.flags &= ~ObjFlag.INITIALISED;
  }

  /** The system work queue, made and started when first asked for (CONFIG_SYSTEM_WORKQUEUE_PRIORITY -1). */
  get systemWorkQueue(): WorkQueue {
    let queue = this.systemQueue;
    if (queue === null) {
      this.supervisorOnly("k_sys_work_q");
      queue = new WorkQueue(this);
      this.systemQueue = queue;
      // The kernel's own, in the default domain and without a pool, whoever asks first.
      const { isr, current } = this;
      this.isr = false;
      this.current = this.boot;
      queue.start({ name: "sysworkq", priority: -1 });
      this.current = current;
      this.isr = isr;
    }
    return queue;
  }

  /** Totals over all threads. */
  get counters(): KernelCounters {
    let { syscalls, lockOps, switches, isrs } = this.retired;
    for (const thread of this.threads) {
      syscalls += thread.counters.syscalls;
      lockOps += thread.counters.lockOps;
      switches += thread.counters.switches;
    }
    isrs = 0;
    let ipis = 0;
    for (const cpu of this.cpus) {
      isrs += cpu.isrs;
      ipis += cpu.ipis;
      switches += cpu.idleThread.counters.switches;
    }
    return { syscalls, lockOps, switches, isrs, ipis };
  }
}
