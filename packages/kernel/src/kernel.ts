import { assert, type Cycles, type EventQueue, NEVER } from "@sof-ts/kit";
import type { Chooser } from "./chooser.js";
import { Clock } from "./clock.js";
import { Attention, FatalReason, Slow, SWITCH } from "./constants.js";
import { type CostTable, defaultCosts } from "./costs.js";
import { Cpu } from "./cpu.js";
import { startCpu, stopCpu } from "./cpu-power.js";
import { createThread, spawnThread, type ThreadOptions } from "./create-thread.js";
import { type FatalInfo, type FatalPolicy, KernelAssertion, KILLED } from "./fatal.js";
import { raiseFatal } from "./faults.js";
import { kick } from "./kick.js";
import { enable, raise } from "./interrupts.js";
import { irqLock, irqUnlock } from "./irq-lock.js";
import { MemDomain } from "./mem-domain.js";
import { type KObject, ObjFlag, type ObjType } from "./object.js";
import { type KernelOptions, resolveOptions, type ResolvedOptions } from "./options.js";
import {
  grant,
  grantAll,
  type InitRule,
  InitRule as Init,
  release,
  revoke,
  setPermission,
  validate,
  verifyObject,
} from "./permissions.js";
import type { KernelChecker } from "./ports.js";
import { ReadyQueue } from "./ready-queue.js";
import { runMachine, type StopReason } from "./run-loop.js";
import { misuse } from "./step.js";
import { type Blocking, Thread, ThreadCounters } from "./thread.js";
import { finishHalt, sleepCurrent, yieldCurrent } from "./thread-life.js";
import { endSlice } from "./time-slice.js";
import type { KernelTrace } from "./trace.js";

/** What a kernel is made of. */
export interface KernelConfig {
  /** Number of CPUs, 1..31. CPU 0 is up at once; others come up with {@link Kernel.startCpu}. */
  readonly cpus: number;
  /** Core clock. */
  readonly cyclesPerSecond: number;
  /** CONFIG_SYS_CLOCK_TICKS_PER_SEC. */
  readonly ticksPerSecond: number;
  /** The machine's events; the kernel runs them in {@link Kernel.run}. */
  readonly events: EventQueue;
  readonly costs?: CostTable;
  readonly options?: KernelOptions;
  readonly chooser?: Chooser | null;
  readonly trace?: KernelTrace | null;
  readonly checker?: KernelChecker | null;
  /** Default: every fatal error halts, as Zephyr's own handler does. */
  readonly onFatal?: FatalPolicy;
  /** Device interrupt numbers per CPU. Default 256. */
  readonly irqs?: number;
}

/** How a run ended. */
export interface RunResult {
  readonly reason: StopReason;
  /** Virtual time reached. */
  readonly time: Cycles;
  /** The error that halted the kernel, else null. */
  readonly fatal: FatalInfo | null;
}

/** Totals over all threads that ever were. */
export interface KernelCounters {
  readonly syscalls: number;
  readonly lockOps: number;
  readonly switches: number;
  readonly isrs: number;
  readonly ipis: number;
}

/**
 * A Zephyr-like kernel on a deterministic model of one to 31 CPUs. It owns no hardware: the given event
 * queue is the machine around it.
 */
export class Kernel {
  readonly events: EventQueue;
  readonly costs: CostTable;
  readonly options: ResolvedOptions;
  readonly cyclesPerSecond: number;
  readonly ticksPerSecond: number;
  readonly cpus: readonly Cpu[];
  readonly clock: Clock;
  readonly ready: ReadyQueue;
  readonly objects = new Set<KObject>();
  readonly permWords: number;
  readonly smp: boolean;
  /** Deadlines are 32 bits wide. */
  readonly narrow: boolean;
  readonly heldLists: boolean;
  readonly inheritance: boolean;
  readonly bestPriority: number;
  /** The idle threads' priority, one below every other thread's. */
  readonly idlePriority: number;
  /** Priorities below this one are meta-IRQ. */
  readonly metaIrqBelow: number;
  readonly defaultDomain: MemDomain;
  readonly chooser: Chooser | null;
  readonly trace: KernelTrace | null;
  readonly checker: KernelChecker | null;
  readonly onFatal: FatalPolicy;

  /** The executing CPU; {@link host} when none does. */
  cpu: Cpu;
  /** The executing or interrupted thread (`k_current_get`); a dummy when no CPU executes. */
  current: Thread;
  /** `Slow` bits of the present context; zero is a supervisor thread with nothing special. */
  slow: number;
  /** `Slow.OBSERVED` when there is a trace or a checker. */
  readonly observed: number;
  /** The executing CPU gives way once its time reaches this. */
  limit: Cycles;
  isr = false;
  /** Stands for the program around `run` and for machine events, which cost no CPU time. */
  readonly host: Cpu;
  /** The dummy thread of {@link host} (Zephyr's main thread before the scheduler starts). */
  readonly boot: Thread;
  /** CPUs to interrupt at the next point where interrupts are sent. */
  ipiFlag = 0;
  slicing: boolean;
  sliceTicks: number;
  slicePriority: number;
  /** CPU whose thread holds the global interrupt lock. */
  globalLock: Cpu | null = null;
  halted: FatalInfo | null = null;
  stepsLeft = 0;
  single = false;
  stopRequested = false;
  readonly stepCandidates: Cpu[] = [];
  readonly threads = new Set<Thread>();
  private threadIds = 0;
  /** Who has each permission bit. */
  readonly permOwners: (Thread | null)[] = [];
  /** Counts of threads that have ended. */
  readonly retired = new ThreadCounters();
  private running = false;

  constructor(config: KernelConfig) {
    const { cpus } = config;
    assert(Number.isInteger(cpus) && cpus >= 1 && cpus <= 31, "cpus is in 1..31");
    const options = resolveOptions(config.options ?? {}, cpus);
    this.options = options;
    this.events = config.events;
    this.costs = config.costs ?? defaultCosts;
    for (const [name, cost] of Object.entries(this.costs)) {
      assert(Number.isInteger(cost) && cost >= 0, `cost ${name} is a non-negative integer`);
    }
    this.cyclesPerSecond = config.cyclesPerSecond;
    this.ticksPerSecond = config.ticksPerSecond;
    this.smp = options.smp;
    this.narrow = options.deadlineBits === 32;
    this.heldLists = options.priorityInheritance === "held-list";
    this.bestPriority = -options.coopPriorities;
    this.idlePriority = options.preemptPriorities;
    this.metaIrqBelow = this.bestPriority + options.metaIrqPriorities;
    this.inheritance = options.priorityCeiling < this.idlePriority - 1;
    this.permWords = options.userspace ? (options.maxThreadBytes * 8 + 31) >> 5 : 0;
    this.chooser = config.chooser ?? null;
    this.trace = config.trace ?? null;
    this.checker = config.checker ?? null;
    this.observed = this.trace !== null || this.checker !== null ? Slow.OBSERVED : 0;
    this.onFatal = config.onFatal ?? (() => "halt");
    this.slicing = options.timesliceTicks > 0;
    this.sliceTicks = options.timesliceTicks;
    this.slicePriority = options.timeslicePriority;
    this.ready = new ReadyQueue(this.bestPriority, this.idlePriority, this.narrow);
    this.limit = 0.5 as Cycles;
    this.limit = Number.NEGATIVE_INFINITY as Cycles;
    this.slow = Slow.HOST | this.observed;
    this.boot = this.dummyThread("boot");
    const irqs = config.irqs ?? 256;
    this.host = new Cpu(this, -1, this.boot, irqs);
    this.cpu = this.host;
    this.current = this.boot;
    this.cpus = Array.from(
      { length: cpus },
      (_, id) => new Cpu(this, id, this.dummyThread(`idle ${id}`), irqs),
    );
    this.clock = new Clock(this.events, this.cyclesPerSecond, this.ticksPerSecond, () =>
      this.tickInterrupt(),
    );
    this.defaultDomain = new MemDomain(this, "default");
    this.defaultDomain.live = true;
    this.boot.domain = this.defaultDomain;
    this.startCpu(0);
  }

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
   * @param steps at most so many steps (an event, or a thread's run between two switches)
   */
  run(until: Cycles | number = NEVER, steps = Number.POSITIVE_INFINITY): RunResult {
    return this.drive(until, null, steps);
  }

  /**
   * Runs until `done` holds; it is asked after each event and each step of a thread.
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
      this.enterHost();
    }
  }

  /** No CPU executes from here on. */
  enterHost(): void {
    if (this.halted !== null) this.setHostTime(this.cpu.time);
    this.cpu = this.host;
    this.current = this.boot;
    this.slow = Slow.HOST | this.observed;
    this.limit = Number.NEGATIVE_INFINITY as Cycles;
  }

  // ---- entering and leaving operations ----------------------------------------------------------

  /** Checks of an operation on `object` in every context but the plain supervisor thread's. */
  enter(object: KObject, type: ObjType, rule: InitRule, op: string): void {
    if ((this.slow & (Slow.SWITCHED | Slow.DYING)) !== 0) this.refuse(op);
    if ((this.slow & Slow.USER) !== 0) {
      this.countCall(op);
      verifyObject(this, object, type, rule, op);
    }
  }

  /** As {@link enter} with an initialised object, for an operation that handlers must not call. */
  enterThreadOnly(object: KObject, type: ObjType, op: string): void {
    if (this.isr) throw new KernelAssertion(`${op} in an ISR`);
    this.enter(object, type, Init.INIT, op);
  }

  /** As {@link enter} for an operation that names no object. */
  enterCall(op: string): void {
    if ((this.slow & (Slow.SWITCHED | Slow.DYING)) !== 0) this.refuse(op);
    if ((this.slow & Slow.USER) !== 0) this.countCall(op);
  }

  /** A fault when the caller is in user mode: the operation is no system call. */
  supervisorOnly(op: string): void {
    if ((this.slow & (Slow.SWITCHED | Slow.DYING)) !== 0) this.refuse(op);
    if ((this.slow & Slow.USER) !== 0) {
      raiseFatal(this, FatalReason.CPU_EXCEPTION, `${op} called from user mode`);
    }
  }

  private countCall(op: string): void {
    const cpu = this.cpu;
    this.current.counters.syscalls++;
    cpu.time = (cpu.time + this.costs.syscall) as Cycles;
    if (this.trace !== null) this.trace.syscall?.(cpu.time, cpu.id, this.current, op);
  }

  private refuse(op: string): never {
    if ((this.slow & Slow.DYING) !== 0) throw KILLED;
    throw misuse(this.current, op);
  }

  /** An operation that might wait is allowed here. */
  requireBlocking(op: string): void {
    if ((this.slow & (Slow.ISR | Slow.HOST)) !== 0) {
      throw new KernelAssertion(`${op} would block where no thread can`);
    }
  }

  /** The end of an operation that makes no thread ready. */
  leave(cost: number, result: number): number {
    const cpu = this.cpu;
    const now = (cpu.time + cost) as Cycles;
    cpu.time = now;
    return now < this.limit && now < this.events.nextTime ? result : this.pause(result);
  }

  /** The executing CPU has reached the horizon: its thread gives way and gets `result` later. */
  pause(result: number): number {
    const cpu = this.cpu;
    if (cpu === this.host) {
      cpu.time = this.hostTime;
      return result;
    }
    if (this.isr || cpu.masked) return result;
    this.current.result = result;
    this.slow |= Slow.SWITCHED;
    return SWITCH;
  }

  /** Runs `fn` as the kernel runs call-backs of a system call: in supervisor mode. */
  callSupervisor<T>(fn: (argument: T) => void, argument: T): void {
    const user = this.slow & Slow.USER;
    this.slow &= ~Slow.USER;
    fn(argument);
    this.slow |= user;
  }

  /** Adds the cost of what never gives way. */
  pass(cost: number): void {
    const cpu = this.cpu;
    if (cpu !== this.host) cpu.time = (cpu.time + cost) as Cycles;
  }

  /** `object` is initialised from here on; who initialises it in a thread may use it. */
  initialise(object: KObject): void {
    object.flags |= ObjFlag.INITIALISED;
    if (this.cpu !== this.host) setPermission(object, this.current);
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
    startCpu(this, id);
  }

  /** Takes CPU `id` down; the thread that it ran stays ready. No effect when it is down. */
  stopCpu(id: number): void {
    stopCpu(this, id);
  }

  /** The tick interrupt comes at its CPU, or at the lowest one that is up. */
  tickInterrupt(): void {
    let cpu = this.cpuOf(this.options.timerCpu);
    if (!cpu.online) {
      const other = this.cpus.find((candidate) => candidate.online);
      if (other === undefined) return;
      cpu = other;
    }
    cpu.attention |= Attention.TICK;
    kick(this, cpu, this.cpu.time);
  }

  /** What a CPU does in an inter-processor interrupt; chooses its thread anew afterwards. */
  ipiHandler(cpu: Cpu): void {
    cpu.resched = true;
    finishHalt(this, cpu);
    endSlice(this, cpu);
  }

  private cpuOf(id: number): Cpu {
    const cpu = this.cpus[id];
    assert(cpu !== undefined, `CPU ${id} does not exist`);
    return cpu;
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
    return sleepCurrent(this, timeout);
  }

  *sleep(timeout: number): Blocking {
    const rc = this.sleepNow(timeout);
    return rc === SWITCH ? yield SWITCH : rc;
  }

  /** Zephyr's `k_yield`: equal threads go first. Thread and user mode. @returns 0; SWITCH */
  yieldNow(): number {
    return yieldCurrent(this);
  }

  *yield(): Blocking {
    const rc = this.yieldNow();
    return rc === SWITCH ? yield SWITCH : rc;
  }

  /** A number for the next thread object. */
  nextThreadId(): number {
    return this.threadIds++;
  }

  private dummyThread(name: string): Thread {
    const thread = new Thread(this, name);
    thread.state = 0;
    thread.priority = this.idlePriority;
    thread.basePriority = this.idlePriority;
    return thread;
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
    return validate(object, type, Init.INIT, this.current) === 0;
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

  /** Virtual time outside `run`. */
  private hostTime = 0 as Cycles;

  /** Virtual time of the program around `run` and of machine events; never goes back. */
  setHostTime(time: number): void {
    if (time > this.hostTime) this.hostTime = time as Cycles;
    this.host.time = this.hostTime;
  }
}
