import { ThreadState } from "./constants.js";
import type { Cpu } from "./cpu.js";
import type { Kernel } from "./kernel.js";

/** The current thread of `cpu` goes behind its equals: one of them may take over at the next choice. */
export function moveToEnd(k: Kernel, cpu: Cpu): void {
  const thread = cpu.current;
  // On SMP it is not in the queue while it runs; a switch puts it at the end.
  if (!k.smp && (thread.state & ThreadState.QUEUED) !== 0) {
    k.ready.remove(thread);
    k.ready.add(thread);
  }
  cpu.swapOk = true;
  cpu.resched = true;
}
