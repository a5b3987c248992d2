import { assert } from "@sof-ts/kit";
import { type Kernel, K_FOREVER, Mutex, SWITCH, type Thread } from "@sof-ts/kernel";
import type { LockingStrategy } from "../locking.js";

/**
 * Kernel LL: LL threads are privileged. A tick keeps the scheduler lock only between tasks, and a change of
 * the graph masks interrupts on the core that owns it, so that no tick can start. A change made from
 * another core closes that core's gate instead, which its tick passes at its start.
 */
export class KernelLlLocking implements LockingStrategy {
  readonly name = "kernel-ll";
  readonly userMode = false;
  readonly locksComponents = false;
  private readonly kernel: Kernel;
  private readonly gates: readonly Mutex[];
  private readonly keys: number[][];

  constructor(kernel: Kernel, cores: number) {
    this.kernel = kernel;
    this.gates = Array.from({ length: cores }, (_, core) => new Mutex(kernel, `ll_gate${core}`));
    this.keys = Array.from({ length: cores }, () => []);
  }

  tickEnter(core: number): number {
    return this.gate(core).lockNow(K_FOREVER);
  }

  tickExit(core: number): number {
    return this.gate(core).unlockNow();
  }

  taskEnter(_core: number): number {
    return 0;
  }

  taskExit(_core: number): number {
    return 0;
  }

  *lock(core: number): Generator<number, void, number> {
    if (core === this.kernel.currentCpu?.id) {
      this.keysOf(core).push(this.kernel.irqLock());
      return;
    }
    let rc = this.gate(core).lockNow(K_FOREVER);
    if (rc === SWITCH) rc = yield SWITCH;
    assert(rc === 0, `gate of core ${core}: ${rc}`);
  }

  *unlock(core: number): Generator<number, void, number> {
    const key = this.keysOf(core).pop();
    if (key !== undefined) {
      this.kernel.irqUnlock(key);
      return;
    }
    let rc = this.gate(core).unlockNow();
    if (rc === SWITCH) rc = yield SWITCH;
    assert(rc === 0, `gate of core ${core}: ${rc}`);
  }

  assertLocked(core: number): void {
    assert(
      this.keysOf(core).length > 0 || this.gate(core).owner === this.kernel.current,
      `the graph of core ${core} is changed with interrupts enabled`,
    );
  }

  grant(_thread: Thread, _core: number): void {}

  componentEnter(_componentId: number): number {
    return 0;
  }

  componentExit(_componentId: number): number {
    return 0;
  }

  componentAdded(_componentId: number): void {}

  componentRemoved(_componentId: number): void {}

  private gate(core: number): Mutex {
    const mutex = this.gates[core];
    assert(mutex !== undefined, "a core without an LL gate");
    return mutex;
  }

  private keysOf(core: number): number[] {
    const keys = this.keys[core];
    assert(keys !== undefined, "a core that does not exist");
    return keys;
  }
}
