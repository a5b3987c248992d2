import { InvariantError } from "@sof-ts/kit";
import type { LockingStrategy } from "@sof-ts/ll-scheduler";

/**
 * Gives up the LL locks that the caller holds while it waits for a thread that runs below the LL tick.
 * Callers of a module handle hold the graph lock of the module's core, of two cores in a bind; a wait with
 * it held would keep the tick, and every other stream of that core, waiting for the slowest thread.
 *
 * Calling context: a thread whose graph is whole at that point: the tick runs in the gap.
 */
export class LockGap {
  private readonly locking: LockingStrategy;
  private readonly cores: number;

  constructor(locking: LockingStrategy, cores: number) {
    this.locking = locking;
    this.cores = cores;
  }

  /** Lets go of every LL lock that the caller holds. @returns how often it held that of each core */
  *open(): Generator<number, readonly number[], number> {
    const depths: number[] = [];
    for (let core = 0; core < this.cores; core++) {
      let depth = 0;
      for (; this.holds(core); depth++) yield* this.locking.unlock(core);
      depths.push(depth);
    }
    return depths;
  }

  /** Takes them again, lower cores first as everybody does. */
  *close(depths: readonly number[]): Generator<number, void, number> {
    const held: number[] = [];
    for (let core = 0; core < depths.length; core++) if (depths[core] !== 0) held.push(core);
    yield* this.locking.lockAll(held);
    for (const core of held)
      for (let depth = depths[core] as number; depth > 1; depth--) yield* this.locking.lock(core);
  }

  private holds(core: number): boolean {
    try {
      this.locking.assertLocked(core);
      return true;
    } catch (error) {
      if (error instanceof InvariantError) return false;
      throw error;
    }
  }
}
