import { assert, type Cycles, NEVER } from "@sof-ts/kit";
import { Slow, SWITCH } from "./constants.js";
import { KernelCore, type RunResult } from "./kernel-core.js";
import { runMachine } from "./run-loop.js";
import type { Blocking } from "./thread.js";

/** Virtual time, and running the machine through it. */
export abstract class KernelTime extends KernelCore {
  private running = false;

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
      const reason = runMachine(this.self, until, done, steps);
      return { reason, time: this.host.time, fatal: this.halted };
    } finally {
      this.running = false;
      this.enterHost(this.host.time);
    }
  }
}
