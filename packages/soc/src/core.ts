import { type Cycles, EALREADY, EINVAL, type EventQueue, SimEvent } from "@sof-ts/kit";
import type { InterruptController } from "./interrupts.js";
import { presentInstant, type TimeSource } from "./ports.js";
import type { SystemTimer } from "./system-timer.js";

/** Power state of a core. `booting` is the time between power-up and the first instruction of firmware. */
export type CoreState = "off" | "booting" | "on";

/** Runs on power changes of a core; set by whoever keeps state per core (the caches do). */
export type PowerListener = (core: number, powered: boolean) => void;

/** One DSP core: its power, its boot, its timer. */
export class DspCore {
  readonly index: number;
  readonly timer: SystemTimer;
  state: CoreState = "off";
  /** How often the core was powered up. */
  boots = 0;
  private readonly queue: EventQueue;
  private readonly time: TimeSource;
  private readonly interrupts: InterruptController;
  private readonly bootCycles: number;
  private readonly bootEvent: SimEvent;
  private readonly listeners: PowerListener[] = [];
  private onBooted: ((core: number) => void) | null = null;
  private poweredSince = 0;
  private poweredCycles = 0;

  constructor(
    index: number,
    bootCycles: number,
    timer: SystemTimer,
    queue: EventQueue,
    time: TimeSource,
    interrupts: InterruptController,
  ) {
    this.index = index;
    this.bootCycles = bootCycles;
    this.timer = timer;
    this.queue = queue;
    this.time = time;
    this.interrupts = interrupts;
    this.bootEvent = new SimEvent(`boot of core ${index}`, () => this.finishBoot());
  }

  /** Adds a listener that hears of every power-up and power-down, in the order of registration. */
  onPower(listener: PowerListener): void {
    this.listeners.push(listener);
  }

  /**
   * Powers the core up. After the platform's boot time `onBooted` runs, at that instant; the core starts
   * with all interrupts masked and cold caches.
   *
   * @returns 0, or -EALREADY when the core is on or booting
   */
  powerUp(onBooted: (core: number) => void): number {
    if (this.state !== "off") return -EALREADY;
    this.state = "booting";
    this.onBooted = onBooted;
    this.poweredSince = this.now;
    this.interrupts.resetCore(this.index, true);
    for (const listener of this.listeners) listener(this.index, true);
    this.queue.schedule(this.bootEvent, (this.now + this.bootCycles) as Cycles);
    return 0;
  }

  /**
   * Cuts the power, also in the middle of the boot. The timer stops, interrupts are forgotten, what the
   * cache had not written back is lost.
   *
   * @returns 0, or -EINVAL when the core has no power
   */
  powerDown(): number {
    if (this.state === "off") return -EINVAL;
    this.queue.cancel(this.bootEvent);
    this.timer.stop();
    this.interrupts.resetCore(this.index, false);
    this.state = "off";
    this.onBooted = null;
    this.poweredCycles += this.now - this.poweredSince;
    for (const listener of this.listeners) listener(this.index, false);
    return 0;
  }

  /** The core's own counter, 32 bits from power-up on (the special register CCOUNT); 0 without power. */
  get cycleCount(): number {
    return this.state === "off" ? 0 : (this.now - this.poweredSince) % 0x1_0000_0000;
  }

  /** Cycles for which the core had power, until now. */
  get cyclesPowered(): number {
    return this.poweredCycles + (this.state === "off" ? 0 : this.now - this.poweredSince);
  }

  private get now(): Cycles {
    return presentInstant(this.time, this.queue);
  }

  private finishBoot(): void {
    this.state = "on";
    this.boots++;
    const booted = this.onBooted;
    this.onBooted = null;
    booted?.(this.index);
  }
}
