import type { Cpu } from "./cpu.js";
import { KernelAssertion } from "./fatal.js";
import { unmask } from "./irq-lock.js";
import type { Kernel } from "./kernel.js";
import { spin } from "./step.js";
import type { Thread } from "./thread.js";

/**
 * A spinlock (Zephyr's `struct k_spinlock`): masks the CPU's interrupts and keeps other CPUs out. Thread and
 * ISR, supervisor only. Not recursive; locks nest in order; no blocking with one held. Rules that hardware
 * leaves undefined are assertions, as with CONFIG_SPIN_VALIDATE.
 */
export class Spinlock {
  readonly kernel: Kernel;
  readonly name: string;
  /** CPU that holds it. */
  holder: Cpu | null = null;
  /** Thread that took it, or that was interrupted by the handler that did. */
  private owner: Thread | null = null;
  private since = 0;

  constructor(kernel: Kernel, name = "spinlock") {
    this.kernel = kernel;
    this.name = name;
  }

  /** A CPU has it. */
  get held(): boolean {
    return this.holder !== null;
  }

  /** Zephyr's `k_spin_lock`; waits, with time passing, while another CPU holds it. @returns the key */
  lock(): number {
    const k = this.kernel;
    k.supervisorOnly("k_spin_lock");
    const cpu = k.cpu;
    if (this.holder === cpu)
      throw new KernelAssertion(`${this.name} is taken twice by CPU ${cpu.id}`);
    const key = cpu.masked ? 1 : 0;
    cpu.masked = true;
    const holder = this.holder;
    if (holder !== null)
      spin(k, holder, this.owner as Thread, this.name, () => this.holder !== holder);
    this.take(cpu);
    return key;
  }

  /** Zephyr's `k_spin_trylock`. @returns the key, -1 when it is taken */
  trylock(): number {
    const k = this.kernel;
    k.supervisorOnly("k_spin_trylock");
    const cpu = k.cpu;
    if (this.holder !== null) return -1;
    const key = cpu.masked ? 1 : 0;
    cpu.masked = true;
    this.take(cpu);
    return key;
  }

  /** Zephyr's `k_spin_unlock`. Not a reschedule point. */
  unlock(key: number): void {
    const cpu = this.giveBack("k_spin_unlock");
    if (key === 0) unmask(this.kernel, cpu);
  }

  /** Zephyr's `k_spin_release`: lets go and keeps interrupts masked. */
  release(): void {
    this.giveBack("k_spin_release");
  }

  private take(cpu: Cpu): void {
    const k = this.kernel;
    this.holder = cpu;
    this.owner = k.current;
    cpu.spinHeld++;
    this.since = cpu.time;
    k.pass(k.costs.irqLock);
    if (k.checker !== null) {
      k.checker.acquire(cpu, k.current);
      k.checker.acquire(this, k.current);
    }
  }

  private giveBack(op: string): Cpu {
    const k = this.kernel;
    k.supervisorOnly(op);
    const cpu = k.cpu;
    if (this.holder !== cpu) {
      throw new KernelAssertion(`${op} of ${this.name}, which CPU ${cpu.id} does not hold`);
    }
    if (this.owner !== k.current) {
      throw new KernelAssertion(`${op} of ${this.name}, which ${k.current.name} does not hold`);
    }
    k.pass(k.costs.irqLock);
    const limit = k.options.spinLockTimeLimit;
    if (limit > 0 && cpu.time - this.since > limit) {
      throw new KernelAssertion(
        `${this.name} was held for ${cpu.time - this.since} cycles, limit ${limit}`,
      );
    }
    if (k.checker !== null) {
      k.checker.release(this, k.current);
      k.checker.release(cpu, k.current);
    }
    this.holder = null;
    cpu.spinHeld--;
    return cpu;
  }
}
