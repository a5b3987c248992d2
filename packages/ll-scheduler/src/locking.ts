import type { Thread } from "@sof-ts/kernel";

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
  /** Undoes one `lock` (`user_ll_unlock_sched`). */
  unlock(core: number): Generator<number, void, number>;
  /** Fails an assertion when the caller has not excluded the tick of `core` (`user_ll_assert_locked`). */
  assertLocked(core: number): void;

  /** Lets `thread` use the lock of `core`. Calling context: a kernel thread. */
  grant(thread: Thread, core: number): void;

  /**
   * Excludes others from one component's connections while the graph lock is not what protects them.
   * Strategies with one lock per graph do nothing here and return 0.
   */
  componentEnter(componentId: number): number;
  componentExit(componentId: number): number;
  /** Whether the copy of a pipeline has to take component locks, and so may block. */
  readonly locksComponents: boolean;
  /** Called when a component is made and freed. */
  componentAdded(componentId: number): void;
  componentRemoved(componentId: number): void;
}
