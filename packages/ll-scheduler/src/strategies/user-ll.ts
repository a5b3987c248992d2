import { assert, InvariantError } from "@sof-ts/kit";
import { type Kernel, K_FOREVER, Mutex, SWITCH, type Thread } from "@sof-ts/kernel";
import type { LockingStrategy } from "../locking.js";

/**
 * User-space LL: LL threads are unprivileged, and one recursive, priority-inheriting mutex per core covers
 * the whole graph of that core. The tick holds it from its first task to its last; IPC threads take it for
 * every change (SOF's `user_ll_lock_sched`).
 */
export class UserLlLocking implements LockingStrategy {
  readonly name: string = "user-ll";
  readonly userMode = true;
  readonly locksComponents: boolean = false;
  protected readonly kernel: Kernel;
  private readonly locks: readonly Mutex[];

  constructor(kernel: Kernel, cores: number) {
    this.kernel = kernel;
    this.locks = Array.from(
      { length: cores },
      (_, core) => new Mutex(kernel, `zephyr_ll_lock${core}`),
    );
  }

  tickEnter(core: number): number {
    return this.lockOf(core).lockNow(K_FOREVER);
  }

  tickExit(core: number): number {
    return this.lockOf(core).unlockNow();
  }

  taskEnter(_core: number): number {
    return 0;
  }

  taskExit(_core: number): number {
    return 0;
  }

  *lock(core: number): Generator<number, void, number> {
    const mutex = this.lockOf(core);
    let rc = mutex.lockNow(K_FOREVER);
    if (rc === SWITCH) rc = yield SWITCH;
    assert(rc === 0, `LL lock of core ${core}: ${rc}`);
  }

  *lockAll(cores: readonly number[]): Generator<number, void, number> {
    for (let i = 0; i < cores.length; i++) yield* this.lock(cores[i] as number);
  }

  *unlock(core: number): Generator<number, void, number> {
    let rc = this.lockOf(core).unlockNow();
    if (rc === SWITCH) rc = yield SWITCH;
    assert(rc === 0, `LL unlock of core ${core}: ${rc}`);
  }

  assertLocked(core: number): void {
    const { owner } = this.lockOf(core);
    if (owner !== null && owner === this.kernel.current) return;
    throw new InvariantError(
      `the graph of core ${core} is changed without its LL lock (held by ${owner?.name ?? "nobody"})`,
    );
  }

  /** The id register is out of reach; a thread that is pinned for good says where it runs by who it is. */
  assertCore(core: number): void {
    const { name, cpuMask } = this.kernel.current;
    if (cpuMask === 1 << core) return;
    throw new InvariantError(`what belongs to core ${core} is used by ${name}, which is not of it`);
  }

  *recover(core: number): Generator<number, boolean, number> {
    const rc = this.lockOf(core).recover();
    return (rc === SWITCH ? yield SWITCH : rc) === 0;
  }

  grant(thread: Thread, core: number): void {
    this.kernel.accessGrant(this.lockOf(core), thread);
  }

  allocComponentLock(_core: number, _componentId: number): Mutex | null {
    return null;
  }

  freeComponentLock(_lock: Mutex): void {}

  protected lockOf(core: number): Mutex {
    const mutex = this.locks[core];
    assert(mutex !== undefined, "a core without an LL lock");
    return mutex;
  }
}
