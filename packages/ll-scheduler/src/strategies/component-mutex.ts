import {
  type Kernel,
  K_FOREVER,
  Mutex,
  ObjType,
  SWITCH,
  type Thread,
  ThreadState,
} from "@sof-ts/kernel";
import { UserLlLocking } from "./user-ll.js";

/**
 * The historical user-space scheme that the LL lock replaced: the tick gives the scheduler lock up while a
 * task runs, and each component has a mutex, taken for its copy and for every change of it. Kept to compare
 * with: it costs four system calls per component and tick, and four more per pipeline. Half of those per component,
 * and half of those per pipeline, are the scheduler lock's: with it the walk finds the next component, so that one that is
 * freed meanwhile is not touched. The historical walk went without and could touch it.
 */
export class ComponentMutexLocking extends UserLlLocking {
  override readonly name = "component-mutex";
  override readonly locksComponents = true;
  /** Threads that use the components of each core: its LL thread, and IPC threads. */
  private readonly users: Thread[][];
  private readonly componentLocks = new Set<Mutex>();
  private readonly alloc: (core: number, name: string) => Mutex | null;
  private readonly release: (lock: Mutex) => void;

  constructor(kernel: Kernel, cores: number) {
    super(kernel, cores);
    this.users = Array.from({ length: cores }, () => []);
    this.alloc = kernel.defineSyscall("ll_component_lock_alloc", {
      verify: (core: number, _name: string) => this.users[core] !== undefined,
      run: (_core: number, name: string) => this.makeLock(name),
    });
    this.release = kernel.defineSyscall("ll_component_lock_free", {
      verify: (lock: Mutex) => this.componentLocks.has(lock) && lock.owner === null,
      run: (lock: Mutex) => {
        this.componentLocks.delete(lock);
        kernel.objectFree(lock);
      },
    });
  }

  override taskEnter(core: number): number {
    return this.lockOf(core).unlockNow();
  }

  override taskExit(core: number): number {
    return this.lockOf(core).lockNow(K_FOREVER);
  }

  override grant(thread: Thread, core: number): void {
    super.grant(thread, core);
    // Cores go down and come up with new threads; those of before are of no concern any more.
    const alive = (this.users[core] ?? []).filter(({ state }) => (state & ThreadState.DEAD) === 0);
    this.users[core] = [...alive.filter((user) => user !== thread), thread];
    for (const lock of this.componentLocks) this.kernel.accessGrant(lock, thread);
  }

  override *recover(core: number): Generator<number, boolean, number> {
    const held = yield* super.recover(core);
    // The tick gives the core's lock up while a task runs: the thread may have had a component's instead.
    const orphans = [...this.componentLocks].filter(({ owner }) => owner?.dead === true);
    for (const lock of orphans) if (lock.recover() === SWITCH) yield SWITCH;
    return held;
  }

  override allocComponentLock(core: number, componentId: number): Mutex | null {
    return this.alloc(core, `component ${componentId.toString(16)}`);
  }

  override freeComponentLock(lock: Mutex): void {
    this.release(lock);
  }

  /** A dynamic object from the creator's resource pool; a static one where there is no pool. */
  private makeLock(name: string): Mutex | null {
    const { kernel } = this;
    let lock: Mutex | null;
    if (kernel.current.heap === null) lock = new Mutex(kernel);
    else lock = kernel.objectAlloc(ObjType.MUTEX);
    if (lock === null) return null;
    this.componentLocks.add(lock);
    lock.init();
    lock.name = name;
    // Of all cores: a component may be on another core than the pipeline that copies it.
    for (const users of this.users)
      for (const thread of users) {
        if ((thread.state & ThreadState.DEAD) === 0) kernel.accessGrant(lock, thread);
      }
    return lock;
  }
}
