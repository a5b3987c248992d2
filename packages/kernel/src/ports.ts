import type { Cpu } from "./cpu.js";
import type { Thread } from "./thread.js";

/**
 * Sees every synchronisation of the machine, for data-race and privilege checking. The kernel calls it
 * only when one is set; the order of calls is the order in which the effects happen. An `object` is a kernel
 * object, a spinlock, an atomic, a work item; the CPU whose interrupts are masked and unmasked; its idle
 * thread for `schedLock`; the kernel itself for the global lock behind `irqLock` on SMP.
 */
export interface KernelChecker {
  /** What `actor` did before a matching release becomes visible to it. */
  acquire(object: object, actor: Thread): void;
  /** What `actor` has done so far becomes visible to whoever acquires `object`. */
  release(object: object, actor: Thread): void;
  /** `actor` has given back the memory of a kernel object. */
  destroyed?(object: object, actor: Thread): void;
  /** `parent` has made `child` ready for its first run. */
  threadStart(parent: Thread, child: Thread): void;
  /** `waiter` has seen the end of `ended`. */
  threadJoin(waiter: Thread, ended: Thread): void;
  /** `actor` raises interrupt `irq` of `cpu`: what it did before is visible to the handler. */
  raise(actor: Thread, cpu: Cpu, irq: number): void;
  /** The handler of interrupt `irq` starts or ends on the CPU that runs `interrupted`. */
  interrupt(interrupted: Thread, entering: boolean, irq: number): void;
}
