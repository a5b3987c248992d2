import type { Cycles } from "@sof-ts/kit";
import { Attention } from "./constants.js";
import { powerDown } from "./cpu-power.js";
import type { Cpu } from "./cpu.js";
import { arriveIpi, emptyIpi, serviceInterrupts } from "./interrupts.js";
import type { Kernel } from "./kernel.js";
import { signalIpi } from "./scheduler.js";
import { setNextAt, step } from "./step.js";

/**
 * Why `run` came back:
 * - `"until"`: virtual time is there;
 * - `"done"`: the condition of `runUntil` holds;
 * - `"idle"`: nothing can ever happen again: no thread may run and no event is scheduled;
 * - `"halted"`: a fatal error stopped the kernel;
 * - `"stopped"`: `kernel.stop()` was called;
 * - `"steps"`: the step limit is used up.
 */
export type StopReason = "until" | "done" | "idle" | "halted" | "stopped" | "steps";

/** Runs the machine in time order until something of {@link StopReason} comes true. */
export function runMachine(
  k: Kernel,
  until: number,
  done: (() => boolean) | null,
  steps: number,
): StopReason {
  k.stepsLeft = steps;
  k.stopRequested = false;
  // A run that an exception ended may have left one set.
  for (const cpu of k.cpus) cpu.executing = false;
  // A step ends at the next switch. With a count each operation is one; with a condition one lasts a tick at most.
  const counted = steps !== Number.POSITIVE_INFINITY;
  const quantum = counted ? Number.NEGATIVE_INFINITY : k.cyclesPerSecond / k.ticksPerSecond;
  k.single = counted || done !== null;
  const events = k.events;
  const end = Math.max(k.host.time, until);
  // Whoever looks on between two steps is told the time by the host's clock; else it need not be set.
  const watched = done !== null || counted || k.chooser !== null;
  let ran: Cpu | null = null;
  for (;;) {
    if (ran !== null && (watched || k.host.resched || k.stopRequested || k.halted !== null)) {
      k.enterHost(ran.time);
      ran = null;
    }
    if (k.halted !== null) return "halted";
    if (k.host.resched) {
      k.host.resched = false;
      k.ipiFlag = -1;
      signalIpi(k, 0);
    }
    if (done !== null && done()) return "done";
    if (k.stopRequested) return "stopped";
    if (k.stepsLeft <= 0) return "steps";
    let first: Cpu | null = null;
    let at = Number.POSITIVE_INFINITY;
    let second = Number.POSITIVE_INFINITY;
    const cpus = k.up;
    for (let i = 0; i < cpus.length; i++) {
      const cpu = cpus[i] as Cpu;
      const when = cpu.nextAt;
      if (when < at) {
        second = at;
        at = when;
        first = cpu;
      } else if (when < second) second = when;
    }
    let event = events.nextTime as number;
    if (k.chooser !== null) {
      const chosen = chooseStep(k, at, event);
      if (chosen !== null) {
        first = chosen;
        at = chosen.nextAt;
        second = Number.NEGATIVE_INFINITY;
        event = Number.POSITIVE_INFINITY;
      }
    }
    if (event <= at) {
      if (event === Number.POSITIVE_INFINITY) {
        k.enterHost(until < Number.POSITIVE_INFINITY ? end : lastActivity(k));
        return "idle";
      }
      if (event > until) {
        k.enterHost(end);
        return "until";
      }
      k.enterHost(event);
      ran = null;
      k.stepsLeft--;
      events.runNext();
      continue;
    }
    if (at >= until) {
      k.enterHost(end);
      return "until";
    }
    const cpu = first as Cpu;
    let limit = second - k.skew;
    if (limit > until) limit = until;
    if (k.single && limit > at + quantum) limit = at + quantum;
    k.limit = (cpu.ipiAt < limit ? cpu.ipiAt : limit) as Cycles;
    k.stepsLeft--;
    cpu.executing = true;
    runCpu(k, cpu);
    cpu.executing = false;
    ran = cpu;
  }
}

/** The latest instant that anything has reached. */
function lastActivity(k: Kernel): number {
  let latest: number = k.events.now;
  for (const cpu of k.cpus) latest = Math.max(latest, cpu.time);
  return latest;
}

/** Asks the chooser where more than one thing may happen next. @returns the CPU, null for the default rule */
function chooseStep(k: Kernel, at: number, event: number): Cpu | null {
  const eventDue = event <= at && event < Number.POSITIVE_INFINITY;
  const reach = Math.min(at, event) + k.skew;
  const candidates = k.stepCandidates;
  candidates.length = 0;
  for (const cpu of k.cpus)
    if (cpu.nextAt <= reach && cpu.nextAt < Number.POSITIVE_INFINITY) candidates.push(cpu);
  const count = candidates.length + (eventDue ? 1 : 0);
  if (count < 2) return null;
  const index = (k.chooser as NonNullable<typeof k.chooser>).choose("step", count);
  if (eventDue && index === 0) return null;
  return candidates[eventDue ? index - 1 : index] as Cpu;
}

/** Brings the local time of `cpu` to the instant at which it acts. */
function advance(cpu: Cpu): void {
  const spent = cpu.nextAt - cpu.time;
  if (spent <= 0) return;
  cpu.time = cpu.nextAt;
  if (cpu.idle) cpu.idleCycles = (cpu.idleCycles + spent) as Cycles;
  else cpu.current.remaining -= spent;
}

/** Runs `cpu` until it reaches the limit, sleeps, or an event is due. */
function runCpu(k: Kernel, cpu: Cpu): void {
  k.cpu = cpu;
  advance(cpu);
  cpu.idle = false;
  if (cpu.ipiAt <= cpu.time) arriveIpi(cpu);
  if (cpu.attention === Attention.IPI && emptyIpi(k, cpu)) {
    setNextAt(cpu);
    return;
  }
  const events = k.events;
  for (;;) {
    if (cpu.attention !== 0 && !cpu.masked) {
      if ((cpu.attention & Attention.STOP) !== 0) {
        powerDown(k, cpu);
        return;
      }
      serviceInterrupts(k, cpu);
      if (k.halted !== null) return;
      if (cpu.time >= k.limit || cpu.time >= events.nextTime) break;
    }
    const thread = cpu.current;
    if (thread === cpu.idleThread) break;
    if (thread.remaining > 0) {
      const end = (cpu.time + thread.remaining) as Cycles;
      if (end >= k.limit || end >= events.nextTime) break;
      cpu.time = end;
      thread.remaining = 0;
    }
    step(k, cpu);
    if (k.single || cpu.time >= k.limit || cpu.time >= events.nextTime) break;
  }
  setNextAt(cpu);
}
