import { Attention, PREVENTED } from "./constants.js";
import type { Cpu } from "./cpu.js";
import type { Kernel } from "./kernel.js";
import { kick } from "./kick.js";
import { moveToEnd } from "./move-to-end.js";
import type { Thread } from "./thread.js";

/** @returns ticks of the slice that `thread` gets, 0 for none */
function sliceTicks(k: Kernel, cpu: Cpu, thread: Thread): number {
  if (thread === cpu.idleThread || (thread.state & PREVENTED) !== 0) return 0;
  if (thread.sliceTicks > 0) return thread.sliceTicks;
  if (thread.priority < 0 || thread.schedLocked > 0) return 0;
  return thread.priority >= k.slicePriority ? k.sliceTicks : 0;
}

/** The current thread of `cpu` starts a new slice. */
export function resetSlice(k: Kernel, cpu: Cpu): void {
  const thread = cpu.current;
  const ticks = sliceTicks(k, cpu, thread);
  cpu.sliceExpired = false;
  cpu.sliceThread = ticks > 0 ? thread : null;
  if (ticks === 0) k.clock.stop(cpu.slice);
  else k.clock.startAt(cpu.slice, k.clock.tickAt(cpu.time) + ticks, cpu.time);
}

/** A slice is over; runs in the tick interrupt, perhaps of another CPU, which then interrupts `cpu`. */
export function sliceExpired(k: Kernel, cpu: Cpu): void {
  cpu.sliceExpired = true;
  if (cpu === k.cpu) endSlice(k, cpu);
  else if (cpu.online) {
    cpu.attention |= Attention.IPI;
    kick(k, cpu, k.cpu.time);
  }
}

/** Runs on the CPU whose slice is over: the call-back first, then the thread goes behind its equals. */
export function endSlice(k: Kernel, cpu: Cpu): void {
  if (!cpu.sliceExpired) return;
  cpu.sliceExpired = false;
  const thread = cpu.current;
  if (cpu.sliceThread !== thread) return;
  if (sliceTicks(k, cpu, thread) === 0) {
    // It locked the scheduler, or became cooperative, since: looked at again with each tick.
    k.clock.startAt(cpu.slice, k.clock.tickAt(cpu.time) + 1, cpu.time);
    return;
  }
  thread.sliceCallback?.(thread, thread.sliceData);
  if ((thread.state & PREVENTED) === 0) moveToEnd(k, cpu);
  resetSlice(k, cpu);
}
