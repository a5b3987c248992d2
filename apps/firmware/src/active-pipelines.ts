import { Atomic, type Kernel } from "@sof-ts/kernel";

/** Counts the pipelines of all cores that run, and has a register show it. */
export class ActivePipelines {
  private readonly count: Atomic;
  private readonly write: (count: number) => void;

  /** @param write shows a count to the host */
  constructor(kernel: Kernel, write: (count: number) => void) {
    this.count = new Atomic(kernel);
    this.write = write;
  }

  /** Threads of several cores may be here at once: whoever writes last has seen every change. */
  add(change: 1 | -1): void {
    const { count } = this;
    let written = count.add(change) + change;
    for (;;) {
      this.write(written);
      const now = count.get();
      if (now === written) return;
      written = now;
    }
  }
}
