import { assert, type Cycles, type EventQueue, InvariantError } from "@sof-ts/kit";
import type { Chooser } from "./chooser.js";
import { Clock } from "./clock.js";
import { Attention, FatalReason, Slow, SWITCH } from "./constants.js";
import { type CostTable, defaultCosts } from "./costs.js";
import { startCpu } from "./cpu-power.js";
import { Cpu, UNBOXED } from "./cpu.js";
import { type FatalInfo, type FatalPolicy, KernelAssertion, KILLED } from "./fatal.js";
import { raiseFatal } from "./faults.js";
import type { Kernel } from "./kernel.js";
import { kick } from "./kick.js";
import { MemDomain } from "./mem-domain.js";
import { type KObject, ObjFlag, type ObjType } from "./object.js";
import { type KernelOptions, resolveOptions, type ResolvedOptions } from "./options.js";
import { InitRule, verifyObject } from "./permissions.js";
import type { KernelChecker } from "./ports.js";
import { ReadyQueue } from "./ready-queue.js";
import type { StopReason } from "./run-loop.js";
import { misuse } from "./step.js";
import type { SyscallEntry } from "./syscalls.js";
import { finishHalt } from "./thread-life.js";
import { Thread, ThreadCounters } from "./thread.js";
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
  /** Device interrupt numbers per CPU, at most 1024. Default 256. */
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
 * The kernel's state and the two ends of every operation. Internal: everything here is for the kernel's own
 * functions, which is why it is public to them.
 */
export abstract class KernelCore {
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
  /** One CPU with no time slices and nobody looking on: a switch has nothing else to think of. */
  plain: boolean;
  /** A switch has more to do than usual: meta-IRQ threads are there, or a listener. */
  readonly special: boolean;
  /** There are meta-IRQ priorities. */
  readonly metaIrqs: boolean;
  readonly skew: number;
  /** The CPUs that are up, by number. */
  up: readonly Cpu[] = [];
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
  limit = UNBOXED;
  isr = false;
  /** Stands for the program around `run` and for machine events, which cost no CPU time. */
  readonly host: Cpu;
  /** The dummy thread of {@link host} (Zephyr's main thread before the scheduler starts). */
  readonly boot: Thread;
  /** CPUs to interrupt at the next point where interrupts are sent. */
  ipiFlag = 0;
  slicing: boolean;
  sliceTicks = 0;
  slicePriority: number;
  /** CPU whose thread holds the global interrupt lock. */
  globalLock: Cpu | null = null;
  halted: FatalInfo | null = null;
  stepsLeft: number = UNBOXED;
  /** The run ends after each step to look at a condition or a count. */
  single = false;
  stopRequested = false;
  readonly stepCandidates: Cpu[] = [];
  readonly threads = new Set<Thread>();
  /** System calls by name. */
  readonly syscalls = new Map<string, SyscallEntry>();
  private threadIds = 0;
  /** Who has each permission bit. */
  readonly permOwners: (Thread | null)[] = [];
  /** Counts of threads that have ended. */
  readonly retired = new ThreadCounters();

  constructor(config: KernelConfig) {
    const self = this as unknown as Kernel;
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
    this.skew = options.skew;
    this.metaIrqs = options.metaIrqPriorities > 0;
    this.inheritance = options.priorityCeiling < this.idlePriority;
    this.permWords = options.userspace ? (options.maxThreadBytes * 8 + 31) >> 5 : 0;
    this.chooser = config.chooser ?? null;
    this.trace = config.trace ?? null;
    this.checker = config.checker ?? null;
    this.observed = this.trace !== null || this.checker !== null ? Slow.OBSERVED : 0;
    this.onFatal = config.onFatal ?? (() => "halt");
    this.slicing = options.timesliceNs > 0;
    this.special = this.metaIrqs || this.trace !== null;
    this.plain = !this.smp && !this.special && !this.slicing;
    this.slicePriority = options.timeslicePriority;
    this.ready = new ReadyQueue(this.bestPriority, this.idlePriority, this.narrow);
    this.limit = Number.NEGATIVE_INFINITY as Cycles;
    this.slow = Slow.HOST | this.observed;
    this.boot = this.dummyThread("boot");
    const irqs = config.irqs ?? 256;
    assert(irqs <= 1024, "irqs is at most 1024: a CPU notes pending ones in 32 words");
    this.host = new Cpu(self, -1, this.boot, irqs);
    this.cpu = this.host;
    this.current = this.boot;
    this.cpus = Array.from(
      { length: cpus },
      (_, id) => new Cpu(self, id, this.dummyThread(`idle ${id}`), irqs),
    );
    this.clock = new Clock(this.events, this.cyclesPerSecond, this.ticksPerSecond, () =>
      this.tickInterrupt(),
    );
    this.hostTime = 0 as Cycles;
    this.sliceTicks = this.clock.ticksOf(options.timesliceNs);
    this.defaultDomain = new MemDomain(self, "default");
    this.defaultDomain.live = true;
    this.boot.domain = this.defaultDomain;
    startCpu(self, 0);
  }

  /** What the functions that do the work take: the class that is made of all layers. */
  protected get self(): Kernel {
    return this as unknown as Kernel;
  }

  // ---- entering and leaving operations ----------------------------------------------------------

  /** Checks of an operation on `object` in every context but the plain supervisor thread's. */
  enter(object: KObject, type: ObjType, rule: InitRule, op: string): void {
    this.enterElse(op);
    if ((this.slow & Slow.USER) === 0) return;
    this.countCall(op);
    verifyObject(this.self, object, type, rule, op);
  }

  /**
   * The usual case of {@link enter} in short: a user thread with nobody looking on, and an initialised object that it
   * used before. Takes what it looks at of the object, which the object's own method has at hand.
   *
   * @returns whether it was that case
   */
  admits(grantee: Thread | null, flags: number, op: string): boolean {
    if (this.slow !== Slow.USER || grantee !== this.current) return false;
    if ((flags & (ObjFlag.INITIALISED | ObjFlag.FREED)) !== ObjFlag.INITIALISED) return false;
    this.countCall(op);
    return true;
  }

  /** As {@link enter} with an initialised object, for an operation that handlers must not call. */
  enterThreadOnly(object: KObject, type: ObjType, op: string): void {
    if ((this.slow & Slow.ISR) !== 0) throw new KernelAssertion(`${op} in an ISR`);
    this.enter(object, type, InitRule.INIT, op);
  }

  /** As {@link enter} with an initialised object, for an operation that waits up to `timeout`. */
  enterWait(object: KObject, type: ObjType, op: string, timeout: number): void {
    if ((this.slow & Slow.ISR) !== 0 && timeout !== 0) {
      throw new KernelAssertion(`${op} with a time-out in an ISR`);
    }
    this.enter(object, type, InitRule.INIT, op);
  }

  /** As {@link enter} for an operation that names no object. */
  enterCall(op: string): void {
    if (this.slow !== Slow.USER) this.enterElse(op);
    if ((this.slow & Slow.USER) !== 0) this.countCall(op);
  }

  /** An operation in a context other than a plain user or supervisor thread's. */
  enterElse(op: string): void {
    if ((this.slow & (Slow.SWITCHED | Slow.DYING)) !== 0) this.refuse(op);
  }

  /** A fault when the caller is in user mode: the operation is no system call. */
  supervisorOnly(op: string): void {
    if (this.slow === 0) return;
    if ((this.slow & (Slow.SWITCHED | Slow.DYING)) !== 0) this.refuse(op);
    if ((this.slow & Slow.USER) !== 0) {
      raiseFatal(this.self, FatalReason.CPU_EXCEPTION, `${op} called from user mode`);
    }
  }

  /**
   * SOF's `arch_proc_id`: the executing CPU, out of its id register. Thread, ISR; the register is privileged, so a
   * user thread that reads it faults.
   */
  get procId(): number {
    if (this.slow !== 0) this.supervisorOnly("arch_proc_id");
    return this.cpu === this.host ? 0 : this.cpu.id;
  }

  /** SOF's `cpu_get_id`: {@link procId} as a system call. Thread, ISR and user mode. */
  cpuGetId(): number {
    if (this.slow !== 0) this.enterCall("cpu_get_id");
    return this.cpu === this.host ? 0 : this.cpu.id;
  }

  /** A user thread's trap into the kernel. */
  countCall(op: string): void {
    const cpu = this.cpu;
    this.current.counters.syscalls++;
    cpu.time = (cpu.time + this.costs.syscall) as Cycles;
    if (this.trace !== null) this.trace.syscall?.(cpu.time, cpu.id, this.current, op);
  }

  /** Stops an operation that its caller had no right to start. */
  refuse(op: string): never {
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

  /** `object` is initialised from here on. That gives nobody a permission. */
  initialise(object: KObject): void {
    object.flags |= ObjFlag.INITIALISED;
  }

  /** No CPU executes from here on; it is `time` for the program around `run` and for machine events. */
  enterHost(time: number): void {
    this.hostTime = time as Cycles;
    this.host.time = this.hostTime;
    this.cpu = this.host;
    this.current = this.boot;
    this.slow = Slow.HOST | this.observed;
    this.limit = Number.NEGATIVE_INFINITY as Cycles;
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
    kick(this.self, cpu, this.cpu.time);
  }

  /** What a CPU does in an inter-processor interrupt; chooses its thread anew afterwards. */
  ipiHandler(cpu: Cpu): void {
    cpu.resched = true;
    finishHalt(this.self, cpu.current);
    endSlice(this.self, cpu);
  }

  /** A thread that was told to stop has left its CPU. */
  finishHalt(thread: Thread): void {
    finishHalt(this.self, thread);
  }

  /** CPU number `id`. */
  cpuOf(id: number): Cpu {
    const cpu = this.cpus[id];
    // No `assert`: its message would be made each time that an interrupt is raised.
    if (cpu === undefined) throw new InvariantError(`CPU ${id} does not exist`);
    return cpu;
  }

  /** A number for the next thread object. */
  nextThreadId(): number {
    return this.threadIds++;
  }

  private dummyThread(name: string): Thread {
    const thread = new Thread(this.self, name);
    thread.state = 0;
    thread.priority = this.idlePriority;
    thread.basePriority = this.idlePriority;
    return thread;
  }

  /** Virtual time outside `run`. */
  private hostTime = UNBOXED;
}
