import { type Cycles, EventQueue, SimEvent } from "@sof-ts/kit";
import { describePlatform, Soc } from "../src/index.js";

/** A machine with recorded interrupts, and a way to let virtual time pass. */
export function machine(name = "ptl") {
  const queue = new EventQueue();
  const raised: string[] = [];
  let hostInterrupts = 0;
  const soc = new Soc({
    platform: describePlatform(name),
    queue,
    interrupts: { raise: (cpu, irq) => raised.push(`${cpu}:${irq}`) },
    hostInterrupt: {
      raise: () => {
        hostInterrupts++;
      },
    },
  });
  const marker = new SimEvent("marker", () => {});
  return {
    soc,
    queue,
    /** "core:irq" in order of arrival. */
    raised,
    get hostInterrupts() {
      return hostInterrupts;
    },
    /** Runs all events until `cycles` later. */
    pass(cycles: number) {
      queue.schedule(marker, (queue.now + cycles) as Cycles);
      while (marker.scheduled) queue.runNext();
    },
  };
}

/** Cycles of one millisecond at 400 MHz. */
export const MS = 400_000;

/** Bytes 0, 1, 2 ... as a pattern that does not repeat within a few KiB. */
export function pattern(length: number, seed = 0): Uint8Array {
  return Uint8Array.from({ length }, (_, index) => (index * 7 + (index >> 8) * 13 + seed) & 0xff);
}
