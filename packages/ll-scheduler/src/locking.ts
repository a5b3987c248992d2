import type { Mutex, Thread } from "@sof-ts/kernel";

/**
 * How the audio graph of a core is kept whole between the LL thread that runs it and the IPC threads that
 * change it. Injected once; nothing else in the firmware asks which one is in use.
 */
export interface LockingStrategy {
  readonly name: string;
  /** Whether LL threads run in user mode. */
  readonly userMode: boolean;

  /**
   * Start of a tick. Calling context: the core's LL thread.
   *
   * @returns a result or SWITCH, which the caller yields
   */
  tickEnter(core: number): number;
  /** End of a tick. Calling context and result as `tickEnter`. */
  tickExit(core: number): number;
  /** Before one task's run, for strategies that give the lock up meanwhile. Results as `tickEnter`. */
  taskEnter(core: number): number;
  taskExit(core: number): number;

  /**
   * Excludes the tick of `core` (`user_ll_lock_sched`). Recursive. Calling context: a thread that may change
   * the graph; blocks.
   */
  lock(core: number): Generator<number, void, number>;
  /**
   * As `lock` for several cores at once, which may be waited for one after the other; each is undone by its own
   * `unlock`.
   *
   * @param cores ascending: an order that all keep, so that no two callers block each other
   */
  lockAll(cores: readonly number[]): Generator<number, void, number>;
  /** Undoes one `lock` (`user_ll_unlock_sched`). */
  unlock(core: number): Generator<number, void, number>;
  /** Fails an assertion when the caller has not excluded the tick of `core` (`user_ll_assert_locked`). */
  assertLocked(core: number): void;

  /**
   * Fails an assertion when the caller runs on another core than `core` (SOF's `zephyr_ll_assert_core` and
   * `CORE_CHECK_STRUCT`). Calling context: the core's LL thread; never reads a core's id register in user mode.
   */
  assertCore(core: number): void;

  /**
   * Takes the lock of `core`, and locks of components, from a thread that has ended while it held them.
   * Calling context: a kernel thread; blocks when somebody more urgent waits for one.
   *
   * @returns whether the lock of `core` was such a thread's
   */
  recover(core: number): Generator<number, boolean, number>;

  /** Lets `thread` use the lock of `core`. Calling context: a kernel thread. */
  grant(thread: Thread, core: number): void;

  /**
   * Whether each component has a lock of its own, which the LL thread takes around the component's copy and
   * its triggers, and IPC threads around every change of it. The graph lock is taken before a component's,
   * and two components' in the order of their ids; the LL thread holds one at a time, and no graph lock.
   */
  readonly locksComponents: boolean;
  /**
   * Makes the lock of a component. Calling context: an IPC thread; does not block.
   *
   * @param core core that the component is copied on
   * @returns a mutex that the threads of that core may use; null where components have no locks, or without
   *   memory
   */
  allocComponentLock(core: number, componentId: number): Mutex | null;
  /** Gives such a lock back; nobody holds it or waits for it. Calling context: as its allocation. */
  freeComponentLock(lock: Mutex): void;
}
