import type { Cycles } from "@sof-ts/kit";
import { Slow } from "./constants.js";
import type { Cpu } from "./cpu.js";
import { KernelAssertion } from "./fatal.js";
import type { Kernel } from "./kernel.js";
import { takeGlobalLock } from "./step.js";

/** Zephyr's `irq_lock`: masks this CPU's interrupts; on SMP it also takes the one global lock. */
export function irqLock(k: Kernel): number {
  k.supervisorOnly("irq_lock");
  const cpu = k.cpu;
  const key = cpu.masked ? 1 : 0;
  cpu.masked = true;
  if (k.smp && cpu !== k.host) {
    const thread = k.current;
    if (thread.globalLockCount === 0) takeGlobalLock(k, cpu);
    thread.globalLockCount++;
  }
  k.pass(k.costs.irqLock);
  if (k.checker !== null) {
    k.checker.acquire(cpu, k.current);
    if (k.smp) k.checker.acquire(k, k.current);
  }
  return key;
}

/** Zephyr's `irq_unlock`. Not a reschedule point. */
export function irqUnlock(k: Kernel, key: number): void {
  k.supervisorOnly("irq_unlock");
  const cpu = k.cpu;
  if (!cpu.masked) throw new KernelAssertion(`irq_unlock on CPU ${cpu.id} without irq_lock`);
  if (k.checker !== null) {
    if (k.smp) k.checker.release(k, k.current);
    k.checker.release(cpu, k.current);
  }
  if (k.smp && cpu !== k.host) {
    const thread = k.current;
    if (thread.globalLockCount === 0) {
      throw new KernelAssertion(`irq_unlock by ${thread.name}, which does not hold the lock`);
    }
    thread.globalLockCount--;
    if (thread.globalLockCount === 0) k.globalLock = null;
  }
  k.pass(k.costs.irqLock);
  if (key === 0) unmask(k, cpu);
}

/** Takes pending interrupts at the next point between operations. */
export function unmask(k: Kernel, cpu: Cpu): void {
  if ((k.slow & Slow.ISR) !== 0) return;
  cpu.masked = false;
  if (cpu.attention !== 0 || cpu.ipiAt <= cpu.time) k.limit = Number.NEGATIVE_INFINITY as Cycles;
}
