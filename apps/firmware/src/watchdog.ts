import { type Cycles, type EventQueue, SimEvent } from "@sof-ts/kit";
import type { PlatformDescription } from "@sof-ts/soc";
import type { FirmwareConfig } from "./config.js";

/** Ticks that a core may miss before its watchdog bites. */
const WATCHDOG_PERIODS = 100;

/** What happens when a core does not feed its watchdog. */
export type WatchdogHandler = (core: number, firstTimeout: boolean) => void;

/**
 * A watchdog for each core (SOF's `ll_watchdog`). The end of each tick feeds it; a core that does not come to one
 * for the whole time-out is reported, and once more when it stays away. Feeding is a store: the timer looks
 * whether anything was fed when it runs out.
 */
export class Watchdogs {
  private readonly cores: readonly Watchdog[];

  constructor(queue: EventQueue, cores: number, timeoutCycles: number, handler: WatchdogHandler) {
    this.cores = Array.from(
      { length: cores },
      (_, core) => new Watchdog(queue, core, timeoutCycles, handler),
    );
  }

  /** Calling context: the core's initialisation. */
  enable(core: number): void {
    this.cores[core]?.enable();
  }

  /** Calling context: whoever takes the core down. */
  disable(core: number): void {
    this.cores[core]?.disable();
  }

  /** Calling context: the core's LL thread, at the end of its tick. */
  feed(core: number): void {
    (this.cores[core] as Watchdog).fed = true;
  }
}

/** Makes the watchdogs of a build. @returns null in one without */
export function makeWatchdogs(
  config: FirmwareConfig,
  { coreCount, coreClockHz }: PlatformDescription,
  queue: EventQueue,
  handler: WatchdogHandler,
): Watchdogs | null {
  if (!config.CONFIG_LL_WATCHDOG) return null;
  const periodCycles = (config.llTimerPeriodUs * coreClockHz) / 1e6;
  return new Watchdogs(queue, coreCount, WATCHDOG_PERIODS * periodCycles, handler);
}

class Watchdog {
  fed = false;
  private timeouts = 0;
  private readonly queue: EventQueue;
  private readonly timeoutCycles: number;
  private readonly handler: WatchdogHandler;
  private readonly event: SimEvent;

  constructor(queue: EventQueue, core: number, timeoutCycles: number, handler: WatchdogHandler) {
    this.handler = handler;
    this.queue = queue;
    this.timeoutCycles = timeoutCycles;
    this.event = new SimEvent(`watchdog of core ${core}`, () => this.expire(core));
  }

  enable(): void {
    this.fed = true;
    this.timeouts = 0;
    this.schedule();
  }

  disable(): void {
    this.queue.cancel(this.event);
  }

  private expire(core: number): void {
    if (this.fed) {
      this.fed = false;
      this.timeouts = 0;
    } else {
      this.timeouts++;
      this.handler(core, this.timeouts === 1);
      // The second time-out is the last: nobody is left to help.
      if (this.timeouts === 2) return;
    }
    this.schedule();
  }

  private schedule(): void {
    this.queue.schedule(this.event, (this.queue.now + this.timeoutCycles) as Cycles);
  }
}
