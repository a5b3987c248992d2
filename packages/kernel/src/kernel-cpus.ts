import { startCpu, stopCpu } from "./cpu-power.js";
import type { Cpu } from "./cpu.js";
import { enable, raise } from "./interrupts.js";
import { irqLock, irqUnlock } from "./irq-lock.js";
import { KernelTime } from "./kernel-time.js";
import { signalIpi } from "./scheduler.js";

/** CPUs and their interrupts. */
export abstract class KernelCpus extends KernelTime {
  /** Zephyr's `irq_connect_dynamic` for one CPU: `isr` runs in ISR context. Supervisor only. */
  irqConnect(cpu: number, irq: number, isr: (irq: number) => void): void {
    this.supervisorOnly("irq_connect");
    this.cpuOf(cpu).irqHandlers[irq] = isr;
  }

  /** Zephyr's `irq_enable`: what is pending is taken. Supervisor only. */
  irqEnable(cpu: number, irq: number): void {
    this.supervisorOnly("irq_enable");
    enable(this.self, this.cpuOf(cpu), irq, true);
  }

  /** Zephyr's `irq_disable`: what comes stays pending. Supervisor only. */
  irqDisable(cpu: number, irq: number): void {
    this.supervisorOnly("irq_disable");
    enable(this.self, this.cpuOf(cpu), irq, false);
  }

  /** A device asserts `irq` of `cpu`; it stays pending until taken. For devices and events of the machine. */
  irqRaise(cpu: number, irq: number): void {
    raise(this.self, this.cpuOf(cpu), irq);
  }

  /**
   * Zephyr's `arch_sched_broadcast_ipi`: the other CPUs choose their threads anew. Supervisor; thread and ISR.
   */
  schedIpi(): void {
    this.supervisorOnly("arch_sched_broadcast_ipi");
    this.ipiFlag = -1;
    signalIpi(this.self, 0);
  }

  /**
   * Zephyr's `irq_lock`: masks the CPU's interrupts, and on SMP takes the one global lock, spinning while
   * another CPU has it. Nests. Thread and ISR. Blocking with it held lets go of it meanwhile.
   *
   * @returns the key for {@link irqUnlock}
   */
  irqLock(): number {
    return irqLock(this.self);
  }

  /** Zephyr's `irq_unlock`: back to the state that `key` names. Not a reschedule point. */
  irqUnlock(key: number): void {
    irqUnlock(this.self, key);
  }

  /** Whether a handler runs (Zephyr's `k_is_in_isr`). */
  get inIsr(): boolean {
    return this.isr;
  }

  /** The executing CPU, or null outside `run` and in events of the machine. */
  get currentCpu(): Cpu | null {
    return this.cpu === this.host ? null : this.cpu;
  }

  /** Brings CPU `id` up. No effect when it is up. */
  startCpu(id: number): void {
    this.supervisorOnly("k_smp_cpu_start");
    startCpu(this.self, id);
  }

  /** Takes CPU `id` down; the thread that it ran stays ready. No effect when it is down. */
  stopCpu(id: number): void {
    this.supervisorOnly("pm_system_suspend");
    stopCpu(this.self, id);
  }
}
