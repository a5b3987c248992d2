/**
 * An order that hardware and RTOS leave open:
 * - `"step"`: what happens next among things due at the same instant (or within `KernelOptions.skew`):
 *   the machine's next event, if it is due, is candidate 0, then the CPUs by id. Which idle CPU takes a
 *   thread is such a choice too: all are interrupted at the same instant and the first to run gets it.
 * - `"irq"`: which of several pending interrupts of one CPU is taken first: the kernel's tick, then device
 *   interrupts by number, then the inter-processor interrupt.
 * - `"host"`: when what is outside the machine acts, in steps that a scenario defines: at once, or later. The
 *   kernel does not ask this; whoever plays the host does.
 */
export type ChoiceKind = "step" | "irq" | "host";

/**
 * The machine's one source of nondeterminism. Without a chooser the first candidate is taken: events
 * before CPUs, lower CPU ids before higher ones, lower interrupt numbers first.
 */
export interface Chooser {
  /** @returns an index in 0..`count`-1; `count` is at least 2 */
  choose(kind: ChoiceKind, count: number): number;
}
