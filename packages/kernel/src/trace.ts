import type { FatalInfo } from "./fatal.js";
import type { KObject } from "./object.js";
import type { Thread } from "./thread.js";

/**
 * Listens to the kernel. Every method is optional; `time` is the CPU's local time in cycles and `cpu` its
 * id, -1 when the caller is no CPU. A listener only looks: it calls no kernel operation.
 */
export interface KernelTrace {
  threadCreate?(time: number, cpu: number, thread: Thread): void;
  /** The CPU goes from one thread to another; idle threads included. */
  threadSwitch?(time: number, cpu: number, from: Thread, to: Thread): void;
  /** The thread may run now. */
  ready?(time: number, cpu: number, thread: Thread): void;
  /** The thread starts to wait on `object` (null: asleep). */
  pend?(time: number, cpu: number, thread: Thread, object: KObject | null): void;
  threadEnd?(time: number, cpu: number, thread: Thread): void;
  /** `irq` is a device interrupt, `TICK_IRQ` or `IPI_IRQ`. */
  isrEnter?(time: number, cpu: number, irq: number): void;
  isrExit?(time: number, cpu: number, irq: number): void;
  /** A user-mode thread calls the kernel. */
  syscall?(time: number, cpu: number, thread: Thread, name: string): void;
  lock?(time: number, cpu: number, thread: Thread, object: KObject): void;
  unlock?(time: number, cpu: number, thread: Thread, object: KObject): void;
  contended?(time: number, cpu: number, thread: Thread, object: KObject, owner: Thread): void;
  semTake?(time: number, cpu: number, thread: Thread, object: KObject): void;
  semGive?(time: number, cpu: number, thread: Thread, object: KObject): void;
  eventPost?(time: number, cpu: number, thread: Thread, object: KObject, bits: number): void;
  priority?(time: number, cpu: number, thread: Thread, from: number, to: number): void;
  fatal?(time: number, cpu: number, info: FatalInfo): void;
}
