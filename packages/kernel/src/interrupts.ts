import { assert, type Cycles, NEVER } from "@sof-ts/kit";
import { Attention, FatalReason, PREVENTED, Slow } from "./constants.js";
import type { Cpu } from "./cpu.js";
import { isrException, raiseFatal } from "./faults.js";
import type { Kernel } from "./kernel.js";
import { kick } from "./kick.js";
import { nextUp, signalIpi, switchTo } from "./scheduler.js";

/** Number that traces show for the kernel's tick. */
export const TICK_IRQ = -1;
/** Number that traces show for the inter-processor interrupt. */
export const IPI_IRQ = -2;

/** Marks `irq` pending on `cpu`; it is taken once. */
export function raise(k: Kernel, cpu: Cpu, irq: number): void {
  const word = irq >> 5;
  const bit = 1 << (irq & 31);
  if (k.checker !== null) k.checker.raise(k.current, cpu, irq);
  cpu.irqPending[word] = (cpu.irqPending[word] as number) | bit;
  cpu.irqWords |= 1 << word;
  if (!cpu.online || ((cpu.irqEnabled[word] as number) & bit) === 0) return;
  cpu.attention |= Attention.IRQ;
  kick(k, cpu, k.cpu.time);
}

/** Sets or clears the enable bit of `irq`; what is pending meanwhile is taken when it is enabled. */
export function enable(k: Kernel, cpu: Cpu, irq: number, on: boolean): void {
  assert(irq >= 0 && irq < cpu.irqPending.length * 32, `irq ${irq} does not exist`);
  const word = irq >> 5;
  const bit = 1 << (irq & 31);
  const enabled = cpu.irqEnabled[word] as number;
  cpu.irqEnabled[word] = on ? enabled | bit : enabled & ~bit;
  if (on && ((cpu.irqPending[word] as number) & bit) !== 0 && cpu.online) {
    cpu.attention |= Attention.IRQ;
    kick(k, cpu, k.cpu.time);
  }
}

/** Enabled device interrupts pending on `cpu`, in rising order, after the first `skip`; -1 when no more. */
function pendingIrq(cpu: Cpu, skip: number): number {
  let left = skip;
  for (let words = cpu.irqWords; words !== 0; words &= words - 1) {
    const word = 31 - Math.clz32(words & -words);
    let bits = (cpu.irqPending[word] as number) & (cpu.irqEnabled[word] as number);
    while (bits !== 0) {
      const low = bits & -bits;
      if (left-- === 0) return (word << 5) | (31 - Math.clz32(low));
      bits ^= low;
    }
  }
  return -1;
}

/** Picks the interrupt to take next; NONE when nothing is to be handled. */
const NONE = -3;
function nextInterrupt(k: Kernel, cpu: Cpu): number {
  const attention = cpu.attention;
  if (k.chooser === null) {
    if ((attention & Attention.TICK) !== 0) return TICK_IRQ;
    if ((attention & Attention.IRQ) !== 0) {
      const irq = pendingIrq(cpu, 0);
      if (irq >= 0) return irq;
      cpu.attention &= ~Attention.IRQ;
    }
    return (attention & Attention.IPI) !== 0 ? IPI_IRQ : NONE;
  }
  const candidates: number[] = [];
  if ((attention & Attention.TICK) !== 0) candidates.push(TICK_IRQ);
  let skip = 0;
  for (let irq = pendingIrq(cpu, 0); irq >= 0; irq = pendingIrq(cpu, ++skip)) candidates.push(irq);
  if ((attention & Attention.IPI) !== 0) candidates.push(IPI_IRQ);
  if (candidates.length === 0) {
    cpu.attention &= ~Attention.IRQ;
    return NONE;
  }
  const index = candidates.length === 1 ? 0 : k.chooser.choose("irq", candidates.length);
  return candidates[index] as number;
}

/**
 * Takes the interrupts that are pending on `cpu`, one after the other, and chooses what it runs then.
 * Handlers run with interrupts locked, on the stack of what they interrupted.
 */
export function serviceInterrupts(k: Kernel, cpu: Cpu): void {
  if ((cpu.attention & Attention.RESCHEDULE) !== 0) {
    cpu.attention &= ~Attention.RESCHEDULE;
    cpu.resched = true;
  }
  for (;;) {
    const irq = nextInterrupt(k, cpu);
    if (irq === NONE) break;
    takeInterrupt(k, cpu, irq);
    if (k.halted !== null) return;
    if (cpu.attention === 0) break;
  }
  if (cpu.resched || (cpu.current.state & PREVENTED) !== 0) {
    cpu.resched = false;
    const next = nextUp(k, cpu);
    if (next !== cpu.current) switchTo(k, cpu, next, 0);
  }
  if (k.ipiFlag !== 0) signalIpi(k, 0);
}

function takeInterrupt(k: Kernel, cpu: Cpu, irq: number): void {
  const interrupted = cpu.current;
  const start = cpu.time;
  cpu.isrs++;
  interrupted.counters.isrs++;
  cpu.time = (start + k.costs.isrEntry) as Cycles;
  cpu.masked = true;
  k.isr = true;
  k.current = interrupted;
  k.slow = Slow.ISR | k.observed;
  if (k.trace !== null) k.trace.isrEnter?.(start, cpu.id, irq);
  if (k.checker !== null) k.checker.interrupt(interrupted, true, irq);
  try {
    if (irq === TICK_IRQ) {
      cpu.attention &= ~Attention.TICK;
      cpu.time = (cpu.time + k.clock.announce(cpu.time) * k.costs.timeout) as Cycles;
    } else if (irq === IPI_IRQ) {
      cpu.attention &= ~Attention.IPI;
      cpu.ipis++;
      k.ipiHandler(cpu);
    } else {
      const word = irq >> 5;
      const rest = (cpu.irqPending[word] as number) & ~(1 << (irq & 31));
      cpu.irqPending[word] = rest;
      if (rest === 0) {
        cpu.irqWords &= ~(1 << word);
        if (cpu.irqWords === 0) cpu.attention &= ~Attention.IRQ;
      }
      const handler = cpu.irqHandlers[irq];
      if (handler === undefined)
        raiseFatal(k, FatalReason.SPURIOUS_IRQ, `irq ${irq} has no handler`);
      else handler(irq);
    }
  } catch (error) {
    isrException(k, error);
  }
  if (k.checker !== null) k.checker.interrupt(interrupted, false, irq);
  if (k.trace !== null) k.trace.isrExit?.(cpu.time, cpu.id, irq);
  k.isr = false;
  cpu.masked = false;
  cpu.time = (cpu.time + k.costs.isrExit) as Cycles;
  const spent = cpu.time - start;
  cpu.isrCycles = (cpu.isrCycles + spent) as Cycles;
  cpu.usageStart = (cpu.usageStart + spent) as Cycles;
}

/** Marks an inter-processor interrupt that has arrived. */
export function arriveIpi(cpu: Cpu): void {
  if (cpu.ipiAt <= cpu.time) {
    cpu.ipiAt = NEVER;
    cpu.attention |= Attention.IPI;
  }
}

/**
 * The inter-processor interrupt of an idle CPU that finds nothing to run, which a broadcast makes often: as
 * {@link serviceInterrupts}, in short.
 *
 * @returns false when there is more to it
 */
export function emptyIpi(k: Kernel, cpu: Cpu): boolean {
  const idle = cpu.idleThread;
  if (cpu.current !== idle || k.observed !== 0 || k.ready.best(cpu.bit) !== null) return false;
  const spent = k.costs.isrEntry + k.costs.isrExit;
  cpu.attention = 0;
  cpu.resched = false;
  cpu.isrs++;
  cpu.ipis++;
  idle.counters.isrs++;
  cpu.time = (cpu.time + spent) as Cycles;
  cpu.isrCycles = (cpu.isrCycles + spent) as Cycles;
  cpu.usageStart = (cpu.usageStart + spent) as Cycles;
  return true;
}
