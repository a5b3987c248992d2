import { assert, type Cycles, NEVER } from "@sof-ts/kit";
import { Attention, PREVENTED, ThreadState } from "./constants.js";
import type { Cpu } from "./cpu.js";
import type { Kernel } from "./kernel.js";
import { kick } from "./kick.js";
import { catchUp } from "./thread-life.js";

/** Brings a CPU up: it looks for a thread at once. No effect on one that is up. */
export function startCpu(k: Kernel, id: number): void {
  const cpu = k.cpus[id];
  assert(cpu !== undefined, `CPU ${id} does not exist`);
  if (cpu.online) return;
  const now = k.cpu.time;
  cpu.online = true;
  k.up = k.cpus.filter(({ online }) => online);
  cpu.time = Math.max(cpu.time, now) as Cycles;
  cpu.usageStart = cpu.time;
  cpu.current = cpu.idleThread;
  cpu.nextAt = NEVER;
  cpu.idle = true;
  cpu.attention = Attention.RESCHEDULE;
  for (let word = 0; word < cpu.irqPending.length; word++) {
    if (((cpu.irqPending[word] as number) & (cpu.irqEnabled[word] as number)) !== 0) {
      cpu.attention |= Attention.IRQ;
    }
  }
  kick(k, cpu, cpu.time);
}

/**
 * Takes a CPU down, at once when another one or the machine asks, at the next point between operations
 * when it asks itself. What it ran stays ready and goes on where its mask allows. Pending interrupts wait.
 */
export function stopCpu(k: Kernel, id: number): void {
  const cpu = k.cpus[id];
  assert(cpu !== undefined, `CPU ${id} does not exist`);
  if (!cpu.online) return;
  if (cpu === k.cpu) {
    cpu.attention |= Attention.STOP;
    k.limit = Number.NEGATIVE_INFINITY as Cycles;
  } else powerDown(k, cpu);
}

/** Takes `cpu` down now; it is between two operations. */
export function powerDown(k: Kernel, cpu: Cpu): void {
  catchUp(cpu, k.cpu.time);
  const thread = cpu.current;
  const tick = cpu.attention & Attention.TICK;
  cpu.online = false;
  k.up = k.cpus.filter(({ online }) => online);
  cpu.attention = 0;
  cpu.idle = true;
  cpu.nextAt = NEVER;
  cpu.ipiAt = NEVER;
  cpu.metaIrqPreempted = null;
  k.clock.stop(cpu.slice);
  if (thread !== cpu.idleThread) {
    thread.cycles = (thread.cycles + (cpu.time - cpu.usageStart)) as Cycles;
    thread.savedMasked = cpu.masked;
    cpu.masked = false;
    cpu.current = cpu.idleThread;
    if (k.smp && (thread.state & (PREVENTED | ThreadState.QUEUED)) === 0) k.ready.add(thread);
    k.host.resched = true;
  }
  if (tick !== 0) k.tickInterrupt();
}
