import { assert, type Cycles, type EventQueue, SimEvent } from "@sof-ts/kit";
import type { InterruptController } from "./interrupts.js";
import { presentInstant, type TimeSource } from "./ports.js";

/**
 * The periodic timer of one core: a comparator of the wall clock that reloads itself, the source of the 1 ms
 * low-latency tick. Ticks lie on the grid `phase + n * period` of absolute virtual time, so they never
 * drift; each costs one event and no allocation.
 */
export class SystemTimer {
  readonly core: number;
  readonly irq: number;
  /** Ticks since the machine was made. */
  ticks = 0;
  private periodCycles = 0;
  private readonly coreClockHz: number;
  private readonly queue: EventQueue;
  private readonly time: TimeSource;
  private readonly interrupts: InterruptController;
  private readonly event: SimEvent;

  constructor(
    core: number,
    irq: number,
    coreClockHz: number,
    queue: EventQueue,
    time: TimeSource,
    interrupts: InterruptController,
  ) {
    this.core = core;
    this.irq = irq;
    this.coreClockHz = coreClockHz;
    this.queue = queue;
    this.time = time;
    this.interrupts = interrupts;
    this.event = new SimEvent(`timer tick of core ${core}`, () => this.tick());
  }

  get running(): boolean {
    return this.event.scheduled;
  }

  /** Instant of the next tick; `NEVER` while stopped. */
  get nextTick(): Cycles {
    return this.event.scheduled ? this.event.at : (Number.POSITIVE_INFINITY as Cycles);
  }

  /**
   * Starts the timer, or gives it another period. The first tick comes at the first grid point after now.
   *
   * @param periodUs microseconds between ticks; must be a whole number of core clock cycles
   * @param phaseCycles offset of the grid, to set the ticks of two cores apart
   */
  start(periodUs: number, phaseCycles = 0): void {
    const period = (periodUs * this.coreClockHz) / 1_000_000;
    assert(
      Number.isInteger(period) && period > 0,
      `a tick of ${periodUs} us is not a whole number of cycles`,
    );
    assert(phaseCycles >= 0 && phaseCycles < period, `phase ${phaseCycles}`);
    this.periodCycles = period;
    const passed = Math.floor((presentInstant(this.time, this.queue) - phaseCycles) / period);
    this.queue.schedule(this.event, ((passed + 1) * period + phaseCycles) as Cycles);
  }

  /** Stops the timer; nothing happens when it does not run. */
  stop(): void {
    this.queue.cancel(this.event);
  }

  private tick(): void {
    this.ticks++;
    this.queue.schedule(this.event, (this.event.at + this.periodCycles) as Cycles);
    this.interrupts.raise(this.core, this.irq);
  }
}
