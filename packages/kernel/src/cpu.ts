import { type Cycles, NEVER } from "@sof-ts/kit";
import { Timeout } from "./clock.js";
import type { Kernel } from "./kernel.js";
import type { Thread } from "./thread.js";
import { sliceExpired } from "./time-slice.js";

/**
 * A fraction to start with: V8 then keeps the field as an unboxed double, where 0 or a missing initialiser
 * would have each store allocate.
 */
export const UNBOXED = 0.5 as Cycles;

/** One core as the kernel sees it. Its fields are for reading; only the kernel writes them. */
export class Cpu {
  readonly id: number;
  /** This CPU in a thread's CPU mask. */
  readonly bit: number;
  /** Local time: when the next operation of this CPU starts. */
  time = UNBOXED;
  /** When this CPU acts next: {@link time}, the end of a computation, an interrupt, or never. */
  nextAt = UNBOXED;
  online = false;
  /** The CPU waits for an interrupt. */
  idle = true;
  current: Thread;
  idleThread: Thread;
  /** `Attention` bits that stand. */
  attention = 0;
  /** When the inter-processor interrupt under way arrives. */
  ipiAt = UNBOXED;
  /** Interrupts are locked. */
  masked = false;
  /** Spinlocks held. */
  spinHeld = 0;
  /** A thread became ready, or a priority changed, since this CPU last chose. */
  resched = false;
  /** The current thread yielded: an equal one may take over. */
  swapOk = false;
  /** Code of this CPU is on the JavaScript stack. */
  executing = false;
  metaIrqPreempted: Thread | null = null;
  /** Pending and enabled device interrupts, 32 a word. */
  readonly irqPending: Int32Array;
  readonly irqEnabled: Int32Array;
  /** Words of {@link irqPending} that are not zero, a bit each: almost always none or one of them. */
  irqWords = 0;
  readonly irqHandlers: (((irq: number) => void) | undefined)[] = [];
  /** Due when the current thread's time slice ends. */
  readonly slice: Timeout;
  sliceThread: Thread | null = null;
  sliceExpired = false;
  /** Local time from which the current thread's use counts. */
  usageStart = UNBOXED;
  /** Cycles spent in interrupt handlers, and asleep. */
  isrCycles = UNBOXED;
  idleCycles = UNBOXED;
  /** Interrupts taken, of any kind; those that were inter-processor ones. */
  isrs = 0;
  ipis = 0;

  constructor(kernel: Kernel, id: number, idleThread: Thread, irqs: number) {
    this.id = id;
    this.bit = id < 0 ? 0 : 1 << id;
    this.time = 0 as Cycles;
    this.nextAt = NEVER;
    this.ipiAt = NEVER;
    this.usageStart = 0 as Cycles;
    this.isrCycles = 0 as Cycles;
    this.idleCycles = 0 as Cycles;
    this.current = idleThread;
    this.idleThread = idleThread;
    this.irqPending = new Int32Array((irqs + 31) >> 5);
    this.irqEnabled = new Int32Array((irqs + 31) >> 5);
    this.slice = new Timeout({ onTimeout: () => sliceExpired(kernel, this) });
  }
}
