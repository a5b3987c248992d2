import { assert, InvariantError } from "@sof-ts/kit";
import { type Kernel, K_FOREVER, Mutex, SWITCH, type Thread } from "@sof-ts/kernel";
import type { LockingStrategy } from "../locking.js";

/**
 * Kernel LL: LL threads are privileged. A tick keeps the scheduler lock only between tasks, and a change of
 * the graph masks interrupts on the core that owns it, so that no tick can start. A change made from
 * another core closes that core's gate instead, which its tick passes at its start. Gates are waited for before
 * interrupts are masked. Neither keeps threads of two cores from each other's changes of one graph: they take turns
 * by a mutex, which no tick knows.
 */
export class KernelLlLocking implements LockingStrategy {
  readonly name = "kernel-ll";
  readonly userMode = false;
  readonly locksComponents = false;
  private readonly kernel: Kernel;
  private readonly gates: readonly Mutex[];
  /** Of each core, whose turn it is to change its graph. */
  private readonly turns: readonly Mutex[];
  /** Of each core, who masks its interrupts and what they were before. */
  private readonly masks: MaskedBy[][];

  constructor(kernel: Kernel, cores: number) {
    this.kernel = kernel;
    this.gates = Array.from({ length: cores }, (_, core) => new Mutex(kernel, `ll_gate${core}`));
    this.turns = Array.from({ length: cores }, (_, core) => new Mutex(kernel, `ll_turn${core}`));
    this.masks = Array.from({ length: cores }, () => []);
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
    if (!this.ticks(core)) yield* this.take(this.turn(core));
    if (core === this.kernel.currentCpu?.id) this.mask(core);
    else yield* this.take(this.gate(core));
  }

  *lockAll(cores: readonly number[]): Generator<number, void, number> {
    const own = this.kernel.currentCpu?.id;
    for (const core of cores) {
      if (!this.ticks(core)) yield* this.take(this.turn(core));
      if (core !== own) yield* this.take(this.gate(core));
    }
    if (own !== undefined && cores.includes(own)) this.mask(own);
  }

  *unlock(core: number): Generator<number, void, number> {
    const masks = this.masksOf(core);
    const own = this.lastMaskBy(this.kernel.current, masks);
    if (own >= 0) {
      const [mask] = masks.splice(own, 1);
      this.kernel.irqUnlock((mask as MaskedBy).key);
    } else yield* this.give(this.gate(core));
    const turn = this.turn(core);
    if (turn.owner === this.kernel.current) yield* this.give(turn);
  }

  assertLocked(core: number): void {
    const { current } = this.kernel;
    if (this.gate(core).owner === current) return;
    if (this.lastMaskBy(current, this.masksOf(core)) >= 0) return;
    throw new InvariantError(`the graph of core ${core} is changed with interrupts enabled`);
  }

  assertCore(core: number): void {
    const here = this.kernel.procId;
    if (here !== core)
      throw new InvariantError(`what belongs to core ${core} is used on core ${here}`);
  }

  *recover(core: number): Generator<number, boolean, number> {
    const rc = this.gate(core).recover();
    return (rc === SWITCH ? yield SWITCH : rc) === 0;
  }

  grant(_thread: Thread, _core: number): void {}

  allocComponentLock(_core: number, _componentId: number): Mutex | null {
    return null;
  }

  freeComponentLock(_lock: Mutex): void {}

  /** Whether the caller is in its tick, which has the gate already and must not wait for a turn behind it. */
  private ticks(core: number): boolean {
    const { current } = this.kernel;
    return this.gate(core).owner === current && this.turn(core).owner !== current;
  }

  private *take(mutex: Mutex): Generator<number, void, number> {
    let rc = mutex.lockNow(K_FOREVER);
    if (rc === SWITCH) rc = yield SWITCH;
    assert(rc === 0, `${mutex.name}: ${rc}`);
  }

  private *give(mutex: Mutex): Generator<number, void, number> {
    let rc = mutex.unlockNow();
    if (rc === SWITCH) rc = yield SWITCH;
    assert(rc === 0, `${mutex.name}: ${rc}`);
  }

  private mask(core: number): void {
    const key = this.kernel.irqLock();
    this.masksOf(core).push({ thread: this.kernel.current, key });
  }

  private gate(core: number): Mutex {
    const mutex = this.gates[core];
    assert(mutex !== undefined, "a core without an LL gate");
    return mutex;
  }

  private turn(core: number): Mutex {
    const mutex = this.turns[core];
    assert(mutex !== undefined, "a core without an LL gate");
    return mutex;
  }

  private masksOf(core: number): MaskedBy[] {
    const masks = this.masks[core];
    assert(masks !== undefined, "a core that does not exist");
    return masks;
  }

  /** A thread that blocks lets go of its mask meanwhile, so masks of several threads can be open at once. */
  private lastMaskBy(thread: Thread, masks: readonly MaskedBy[]): number {
    let index = masks.length - 1;
    while (index >= 0 && masks[index]?.thread !== thread) index--;
    return index;
  }
}

interface MaskedBy {
  readonly thread: Thread;
  readonly key: number;
}
